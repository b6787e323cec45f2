"""Topics of Kafka that are gone, empty again, cut off, or restored to an earlier state."""

from __future__ import annotations

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from chaos.world import World


def progress_made_anew(world: World, count: int) -> int:
    """Delete and create the progress topic; with and without a state that knows better."""
    world.begin()
    for number in range(count):
        world.work(15)
        world.settle()
        world.replace_topic(world.source.progress)
        world.progress_made_anew()
        if number % 2:
            world.remove_state()
        world.work(5)
        world.survive()
    return count


def product_made_anew(world: World, count: int) -> int:
    """Delete and create a product's topic: all of its documents have to come again."""
    world.begin()
    for number in range(count):
        world.work(15)
        world.settle()
        name = list(world.products)[number % 2]
        world.replace_topic(world.products[name].topic)
        world.made_anew(name)
        world.work(5)
        world.survive()
    return count


def product_restored(world: World, count: int) -> int:
    """Bring a product's topic back to what it held a while ago, as from a backup of Kafka."""
    world.begin()
    for number in range(count):
        name = list(world.products)[number % 2]
        kept, since = world.records(name), world.position
        world.work(20)
        world.settle()
        world.replace_topic(world.products[name].topic)
        world.put_back(name, kept)
        world.made_anew(name, since)
        world.work(5)
        world.survive()
    return count


def log_cut_off(world: World, count: int) -> int:
    """Let retention drop what the engine has not read yet."""
    world.begin()
    for number in range(count):
        world.work(15)
        if number % 2:
            world.remove_state()
        place = TopicPartition(world.source.log, 0, world.written)
        client = AdminClient(world.kafka.librdkafka())
        for future in client.delete_records([place]).values():
            future.result(30)
        world.shop.heartbeat()
        world.flush()
        world.survive(needs_a_snapshot=True)
    return count


def log_made_anew(world: World, count: int) -> int:
    """Delete and create the private log."""
    world.begin()
    for number in range(count):
        world.work(15)
        world.replace_topic(world.source.log)
        world.written = 0
        if number % 2:
            world.work(200)
        world.survive(needs_a_snapshot=True)
    return count
