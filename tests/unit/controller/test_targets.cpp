#include "controller/targets.hpp"

#include <doctest/doctest.h>

namespace controller {
namespace {

config::Config three_hosts() {
  config::Config config;
  const auto add = [&](const std::string& host, const std::vector<std::string>& ids) {
    config::Host entry;
    entry.name = host;
    for (const auto& id : ids) {
      config::Manager manager;
      manager.id = id;
      manager.host = host;
      manager.service = id + ".service";
      entry.managers.push_back(manager);
    }
    config.hosts.push_back(entry);
  };
  add("server1", {"OrderProcessor", "OrderRouter"});
  add("server2", {"RiskChecker"});
  add("edge", {"MarketData"});
  return config;
}

std::vector<std::string> ids(const std::vector<Chosen>& chosen) {
  std::vector<std::string> result;
  for (const auto& one : chosen)
    result.push_back(one.manager->id + (one.named_literally ? "!" : ""));
  return result;
}

using Ids = std::vector<std::string>;

Selection patterns(std::vector<std::string> texts) {
  Selection selection;
  selection.patterns = std::move(texts);
  return selection;
}

} // namespace

TEST_CASE("ids, globs and HOST/ID choose managers, each once, in the file's order") {
  const auto config = three_hosts();
  CHECK(ids(select(config, patterns({"RiskChecker", "OrderRouter"}))) == Ids{"OrderRouter!", "RiskChecker!"});
  CHECK(ids(select(config, patterns({"Order*"}))) == Ids{"OrderProcessor", "OrderRouter"});
  CHECK(ids(select(config, patterns({"Order*", "OrderRouter"}))) == Ids{"OrderProcessor", "OrderRouter!"});
  CHECK(ids(select(config, patterns({"server?/*"}))) == Ids{"OrderProcessor", "OrderRouter", "RiskChecker"});
  CHECK(ids(select(config, patterns({"server2/RiskChecker"}))) == Ids{"RiskChecker!"});
}

TEST_CASE("--host, --all and --exclude") {
  const auto config = three_hosts();
  Selection selection;
  selection.all = true;
  selection.excludes = {"Order*"};
  CHECK(ids(select(config, selection)) == Ids{"RiskChecker", "MarketData"});
  selection = {};
  selection.hosts = {"server1"};
  selection.excludes = {"server1/OrderRouter"};
  CHECK(ids(select(config, selection)) == Ids{"OrderProcessor"});
}

TEST_CASE("what fits nothing is an error that names it, the file, and what is near") {
  auto config = three_hosts();
  CHECK_THROWS_WITH_AS(select(config, patterns({"OrderProcessor", "Nobody"})),
                       "no manager 'Nobody' in the configuration; see: actorsctl status", NoSuchName);
  config.path = "a.json";
  CHECK_THROWS_WITH_AS(select(config, patterns({"OrderRooter"})),
                       "no manager 'OrderRooter' in a.json (did you mean 'OrderRouter'?); "
                       "see: actorsctl status",
                       NoSuchName);
  CHECK_THROWS_WITH_AS(select(config, patterns({"server2/RiskCheker"})),
                       "no manager 'server2/RiskCheker' in a.json (did you mean 'server2/RiskChecker'?); "
                       "see: actorsctl status",
                       NoSuchName);
  CHECK_THROWS_AS(select(config, patterns({"edge/OrderRouter"})), NoSuchName);
  Selection selection;
  selection.hosts = {"server9"};
  CHECK_THROWS_WITH_AS(select(config, selection),
                       "no host 'server9' in a.json (did you mean 'server1'?); see: actorsctl hosts",
                       NoSuchName);
  selection = {};
  selection.all = true;
  selection.excludes = {"Nobody"};
  CHECK_THROWS_WITH_AS(select(config, selection),
                       "--exclude 'Nobody' fits no manager in a.json; see: actorsctl status", NoSuchName);
}

TEST_CASE("no glob for hosts means all of them") {
  const auto config = three_hosts();
  CHECK(select_hosts(config, {}).size() == 3);
  CHECK(select_hosts(config, {"server*"}).size() == 2);
  CHECK_THROWS_AS(select_hosts(config, {"nohost"}), NoSuchName);
}

} // namespace controller
