from streammesh.demo.scene import (
    WIDTH,
    ProductLine,
    ProofLine,
    Scene,
    ShopLine,
    Step,
    lines,
    product_line,
    proof_line,
    shop_line,
    step_line,
)

PROOF = ProofLine("sales.orders", 50184, 50184, 0, 0, 0, "0/4A3F2C8", 3.2)


def test_a_step_says_where_and_what() -> None:
    step = Step("Kafka", "done", "127.0.0.1:19092", "SASL/SCRAM, ACLs on")
    assert step_line(step).split("  ")[1].startswith("✓ Kafka")
    assert "127.0.0.1:19092" in step_line(step)
    assert step_line(step).endswith("SASL/SCRAM, ACLs on")


def test_the_shop_tells_its_last_deeds_newest_first() -> None:
    line = shop_line(ShopLine(312.4, ("order 50,213 paid", "line 7 moved to order 50,201")))
    assert "312 commits/s" in line
    assert line.index("order 50,213 paid") < line.index("line 7")


def test_delays_are_shown_in_milliseconds() -> None:
    line = product_line(ProductLine("sales.orders", 401, 0.031, 0.0881))
    assert "401 events/s" in line
    assert "p50 31 ms" in line
    assert "p99 88 ms" in line


def test_without_events_no_delay_is_claimed() -> None:
    assert "p50" not in product_line(ProductLine("sales.orders", 0))


def test_a_proof_shows_both_numbers_and_where() -> None:
    line = proof_line(PROOF)
    assert "source 50,184 = product 50,184, differences 0" in line
    assert "3 s ago at LSN 0/4A3F2C8" in line


def test_a_failed_proof_does_not_look_like_a_good_one() -> None:
    line = proof_line(ProofLine("sales.orders", 1000, 992, 8, 2, 1, "0/1", 0))
    assert "source 1,000 ≠ product 992" in line
    assert "differences 8" in line
    assert "not checked 2" in line
    assert "quarantined 1" in line


def test_equal_counts_with_differences_are_not_called_equal() -> None:
    assert "≠" in proof_line(ProofLine("sales.orders", 1000, 1000, 1, 0, 0, "0/1", 0))


def test_no_line_is_wider_than_a_page() -> None:
    scene = Scene(
        "streammesh demo",
        steps=(Step("Kafka", "done", "x" * 80, "y" * 80),),
        shop=ShopLine(1, ("order 1 placed with 2 lines " * 9,)),
        products=(ProductLine("sales.orders", 1, 0.1, 0.2),),
        proofs=(PROOF,),
        notes=("z" * 200,),
    )
    assert max(map(len, lines(scene))) <= WIDTH


def test_blocks_are_apart_and_empty_ones_leave_no_hole() -> None:
    shown = lines(Scene("title", hints=("try this",)))
    assert shown == ["title", "", "  try this"]
