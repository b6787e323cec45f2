"""The parts of the stack, one module each: how to prepare, start and ask them."""
