"""The metrics page, as somebody else's reader of OpenMetrics sees it."""

import json

from machines import eventually
from prometheus_client.openmetrics.parser import text_string_to_metric_families

AT = "tcp://127.0.0.1:5559"
PAGE = "http://127.0.0.1:9109/metrics"
FETCH = "import sys, urllib.request; sys.stdout.write(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())"


def read_page(host) -> dict[tuple, float]:
    """Values by sample name and labels; a page that is not OpenMetrics fails here."""
    text = host.must("/usr/bin/python3", "-c", FETCH, PAGE)
    families = list(text_string_to_metric_families(text))
    assert all(family.name.startswith("actors_registry_") and family.documentation for family in families)
    return {
        (sample.name.removeprefix("actors_registry_"), *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_the_page_is_openmetrics_and_says_what_has_happened(ctl):
    settings = {"registry_endpoint": AT, "metrics_endpoint": "9109", "data_dir": "/var/lib/metrics-registry",
                "heartbeat_timeout_s": 600}
    config = ctl.write("/tmp/metrics-registry.json", json.dumps(settings))
    registry = ctl.begin("actorsctl", "--config", config, "registry", "serve")

    def ask(*words: str) -> int:
        # With this much time nothing is asked a second time, which the page would count.
        return ctl.run("actorsctl", "--registry", AT, "--timeout", "50", *words).code

    try:
        eventually(lambda: ask("registry", "status") == 0, within=10, what="the registry answers")
        assert ask("register", "A", "tcp://10.0.0.1:1", "--manager", "M") == 0
        assert ask("register", "A", "tcp://10.0.0.1:2", "--manager", "N") == 1
        for _ in range(3):
            assert ask("lookup", "A") == 0
        eventually(lambda: read_page(ctl)[("lookup_seconds_count",)] == 3, within=30, what="three lookups on the page")
        page = read_page(ctl)
        assert page[("requests_total", "RegisterActor")] == 2
        assert page[("requests_total", "LookupActor")] == 3
        assert page[("errors_total", "taken")] == 1
        assert page[("managers", "online")] == 2, "also who was refused has been heard"
        assert page[("actors", "online")] == 1
        assert page[("transitions_total", "registered")] == 1
        assert page[("store_batches_total", "stored")] >= 1
        assert page[("store_commit_seconds_count",)] == page[("store_batches_total", "stored")]
        assert page[("store_works",)] == 1
        assert 0 < page[("loop_round_longest_seconds",)] < 60
    finally:
        registry.terminate()
        assert registry.wait(timeout=10) == 0
