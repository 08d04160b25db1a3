"""examples/cpp_to_python: an OrderProcessor in C++ and a RiskChecker in Python."""

from conftest import BUILD, ROOT

ORDER_PROCESSOR = BUILD / "examples/cpp_to_python/order_processor"
RISK_CHECKER = ["/usr/bin/python3", "-B", ROOT / "examples/cpp_to_python/python/risk_checker.py"]


def test_orders_go_in_and_verdicts_come_out(registry, start):
    checker = start("checker", *RISK_CHECKER, "--registry", registry.endpoint)
    processor = start("processor", ORDER_PROCESSOR, "--registry", registry.endpoint, "--orders", "6")
    verdicts = [processor.line() for _ in range(6)]
    assert verdicts[:5] == [f"verdict {number} accepted" for number in range(1, 6)]
    assert verdicts[5] == "verdict 6 rejected: worth 59700.00, the limit is 50000.00"
    assert processor.child.wait(30) == 0
    assert [checker.line() for _ in range(6)][5] == "order 6: 600 ACME at 99.50"
    assert registry.ctl("lookup", "OrderProcessor").returncode == 4, "it has said goodbye"
    assert checker.end() == 0


def test_orders_go_on_after_the_other_and_the_registry_were_restarted(registry, start):
    first = start("checker", *RISK_CHECKER, "--registry", registry.endpoint)
    processor = start("processor", ORDER_PROCESSOR, "--registry", registry.endpoint, "--orders", "1000000")
    assert processor.line() == "verdict 1 accepted"
    first.kill()
    registry.kill()
    registry.start()  # empty
    second = start("checker", *RISK_CHECKER, "--registry", registry.endpoint)
    number = int(second.line().removeprefix("order ").split(":")[0])
    assert number > 1
    while not processor.line().startswith(f"verdict {number} "):
        pass
    assert processor.end() == 0
    # And the other way round: the checker answers another OrderProcessor.
    third = start("processor", ORDER_PROCESSOR, "--registry", registry.endpoint, "--orders", "1")
    assert third.line() == "verdict 1 accepted"
    assert second.end() == 0


def test_a_wrong_command_line_is_status_2(start):
    for words in ["--orders"], ["--orders", "0"], ["--orders", "x"], ["--what", "1"], ["what"]:
        assert start("wrong", ORDER_PROCESSOR, *words).child.wait(30) == 2
