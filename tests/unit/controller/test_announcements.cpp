#include "controller/announcements.hpp"

#include "tests/unit/controller/recording_registry.hpp"

#include <doctest/doctest.h>

#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace controller {
namespace {

using namespace std::chrono_literals;
using test::RecordingRegistry;
using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("what is announced is known when tell returns, in order and with its reason") {
  RecordingRegistry registry;
  Announcements announcements({registry.endpoints()}, "a test");
  announcements.tell({{"M", 100s}, {"N", 50s}});
  CHECK(registry.told() == Texts{"M 100 a test", "N 50 a test"});
  announcements.tell({{"M", 0s}});
  CHECK(registry.told().back() == "M 0");
  announcements.tell({});
  CHECK(registry.told().size() == 3);
}

TEST_CASE("a registry that is away delays nobody for long, however much there is to tell") {
  FakeRegistry away([](const nlohmann::json&) { return std::vector<std::string>{}; });
  const auto begin = Clock::now();
  {
    Announcements announcements({{away.endpoint()}}, "a test");
    for (int i = 0; i < 100; ++i)
      announcements.tell({{"M" + std::to_string(i), 100s}});
    CHECK_FALSE(announcements.problem().empty());
  }
  CHECK(Clock::now() - begin < 5s); // a hundred waits would be 25
}

TEST_CASE("a registry that is back in time is told what it missed") {
  std::atomic<bool> back = false;
  std::mutex mutex;
  std::set<std::string> told; // an answer that is late is asked for again
  FakeRegistry fake([&](const nlohmann::json& request) -> std::vector<std::string> {
    if (!back) return {};
    nlohmann::json reply = {{"request_id", request["request_id"]}};
    if (request["message_type"] == "ExpectOffline") {
      const std::lock_guard lock(mutex);
      told.insert(request["manager_id"]);
      reply.update({{"message_type", "Expected"}, {"seconds", 1}});
    } else { // it is asked whether it is there, before there is anything to tell
      reply.update({{"message_type", "Error"}, {"code", "not_authorized"}, {"error", "not for you"}});
    }
    return {reply.dump()};
  });
  const auto known = [&] {
    const std::lock_guard lock(mutex);
    return told;
  };
  Announcements announcements({{fake.endpoint()}}, "a test");
  announcements.tell({{"M", 100s}, {"N", 100s}});
  CHECK(known().empty());
  back = true;
  const std::set<std::string> both{"M", "N"};
  const auto deadline = Clock::now() + 10s;
  while (known() != both && Clock::now() < deadline)
    std::this_thread::sleep_for(10ms);
  CHECK(known() == both);
}

TEST_CASE("a registry that refuses is not asked again, and why is kept") {
  RecordingRegistry registry;
  registry.refuses();
  Announcements announcements({registry.endpoints()}, "a test");
  announcements.tell({{"M", 100s}, {"N", 100s}});
  CHECK(announcements.problem() == "registry " + registry.endpoints().front() + ": what is that?");
}

TEST_CASE("an endpoint that can't be one is a problem and no more") {
  Announcements announcements({{"nonsense"}}, "a test");
  announcements.tell({{"M", 100s}});
  CHECK_FALSE(announcements.problem().empty());
}

} // namespace controller
