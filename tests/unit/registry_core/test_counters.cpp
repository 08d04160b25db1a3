#include "registry_core/counters.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace registry_core;

namespace {

std::map<std::string, std::uint64_t> listed(const Counters& counters) {
  std::map<std::string, std::uint64_t> values;
  for (const auto& count : counters.list())
    values.emplace(count.name, count.value);
  return values;
}

/// The one counter that a step has moved; empty where it is another number of them.
template<typename Step>
std::string moved_by(Step step) {
  Counters counters;
  const auto before = listed(counters);
  step(counters);
  std::string moved;
  for (const auto& [name, value] : listed(counters)) {
    if (value == before.at(name)) continue;
    if (!moved.empty() || value != before.at(name) + 1) return {};
    moved = name;
  }
  return moved;
}
std::string counted_as(const protocol::Request& request) {
  return moved_by([&](Counters& counters) { counters.count_request(request); });
}

} // namespace

TEST_CASE("each request is counted under its own name") {
  using namespace protocol;
  CHECK(counted_as(Refusal{}) == "request.refused");
  CHECK(counted_as(RegisterActor{}) == "request.RegisterActor");
  CHECK(counted_as(UnregisterActor{}) == "request.UnregisterActor");
  CHECK(counted_as(LookupActor{}) == "request.LookupActor");
  CHECK(counted_as(Heartbeat{}) == "request.Heartbeat");
  CHECK(counted_as(RegisterActors{}) == "request.RegisterActors");
  CHECK(counted_as(LookupActors{}) == "request.LookupActors");
  CHECK(counted_as(UnregisterManager{}) == "request.UnregisterManager");
  CHECK(counted_as(ListActors{}) == "request.ListActors");
  CHECK(counted_as(ListManagers{}) == "request.ListManagers");
  CHECK(counted_as(RegistryInfo{}) == "request.RegistryInfo");
  CHECK(counted_as(ExpectOffline{}) == "request.ExpectOffline");
}

TEST_CASE("each refusal is counted under the code that is sent") {
  using namespace protocol;
  for (std::size_t i = 0; i < error_codes; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    const std::string name = "error." + std::string(name_of(code));
    CHECK(moved_by([&](Counters& counters) { counters.count_reply(Error{code, ""}); }) == name);
    CHECK(moved_by([&](Counters& counters) {
            counters.count_reply(RegistrationFailed{"A", "", code});
          }) == name);
  }
  CHECK(moved_by([](Counters& counters) { counters.count_reply(HeartbeatAck{}); }).empty());
}

TEST_CASE("a batch's refusals are counted one by one") {
  using namespace protocol;
  Counters counters;
  RegistrationResults batch;
  batch.results.push_back({"A", true, "", ErrorCode::taken, {}, false});
  batch.results.push_back({"B", false, "no", ErrorCode::taken, {}, false});
  batch.results.push_back({"C", false, "no", ErrorCode::taken, {}, false});
  batch.results.push_back({"D", false, "no", ErrorCode::limit, {}, false});
  counters.count_reply(batch);
  const auto values = listed(counters);
  CHECK(values.at("error.taken") == 2);
  CHECK(values.at("error.limit") == 1);
}
