#include "actors/registry/RegistryClient.hpp"
#include "actors/registry/RegistryEvents.hpp"

#include "tests/unit/clients_cpp/fake_registry.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <future>
#include <iterator>
#include <memory>
#include <optional>
#include <sys/wait.h>
#include <unistd.h>

using namespace actors::registry;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

namespace {

/// How a process ends in which that is done: 0 where it returns, less than nothing where a signal ends it, as
/// it does after so long that only what hangs gets there.
template<typename Function>
int end_of_process(Function function) {
  constexpr unsigned longest_s = 20;
  std::fflush(stdout);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL); // doctest's handler would tell of a test that crashed
    std::signal(SIGALRM, SIG_DFL);
    alarm(longest_s);
    function();
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// In a process of its own, whose alarm is the deadline.
void wait_for(const std::atomic<bool>& condition) {
  while (!condition)
    std::this_thread::sleep_for(milliseconds(1));
}

/// Says to whoever is heard that a newer instance is running.
class SupersedingRegistry {
public:
  [[nodiscard]] const std::string& endpoint() const { return fake_.endpoint(); }
  std::atomic<int> heartbeats = 0;
  std::atomic<int> goodbyes = 0;

private:
  std::vector<std::string> answer(const nlohmann::json& request) {
    nlohmann::json reply = {{"request_id", request["request_id"]}, {"epoch", "e"}, {"actors", 0}};
    if (request["message_type"] == "Heartbeat") {
      ++heartbeats;
      reply.update({{"message_type", "HeartbeatAck"}, {"superseded", true}});
    } else {
      if (request["message_type"] == "UnregisterManager") ++goodbyes;
      reply["message_type"] = "ManagerUnregistered";
    }
    return {reply.dump()};
  }

  FakeRegistry fake_{[this](const nlohmann::json& request) { return answer(request); }};
};

/// A client's end while a function of its own starts the heartbeats that are ended.
void end_while_started(const std::function<void(std::optional<RegistryClient>&)>& end) {
  SupersedingRegistry registry;
  std::atomic<bool> called = false;
  std::atomic<bool> ending = false;
  std::optional<RegistryClient> client(std::in_place, "M", registry.endpoint());
  client->on_notice([](const Notice&) {});
  client->on_superseded([&, &its = *client] {
    called = true;
    wait_for(ending);
    const auto until = Clock::now() + milliseconds(300);
    while (Clock::now() < until) {
      its.set_heartbeat_interval(milliseconds(20));
      its.start_heartbeat();
    }
  });
  client->start_heartbeat();
  wait_for(called);
  ending = true;
  end(client);
  for (int i = 0; i < 20; ++i) { // the last ones may arrive after the end
    const int heard = registry.heartbeats;
    std::this_thread::sleep_for(milliseconds(300));
    if (registry.heartbeats == heard) return;
  }
  _exit(3);
}

/// Of this process.
std::ptrdiff_t threads() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

/// The last owner of a client lets go of it in a function of the client's.
void end_within_notice() {
  SupersedingRegistry registry;
  RegistryQuery({registry.endpoint()}).say_goodbye("nobody"); // libzmq's threads are there by now
  const auto before = threads();
  auto client = std::make_shared<RegistryClient>("M", registry.endpoint());
  client->on_notice([&](const Notice&) { client.reset(); });
  client->on_superseded([] { _exit(3); }); // nobody's any more
  client->start_heartbeat();
  while (registry.goodbyes < 2 || threads() > before)
    std::this_thread::sleep_for(milliseconds(1));
}

/// What a manager does that is superseded. \param meanwhile on the main thread.
void exit_within_notice(const std::function<void(RegistryClient&)>& meanwhile) {
  static auto* const registry = new SupersedingRegistry; // NOLINT: its thread is there to the end
  static RegistryClient client("M", registry->endpoint());
  static std::atomic<bool> called = false;
  static std::atomic<bool> exiting = false;
  client.on_notice([](const Notice&) {});
  client.on_superseded([] {
    called = true;
    wait_for(exiting);
    std::exit(0);
  });
  client.start_heartbeat();
  wait_for(called);
  exiting = true;
  meanwhile(client);
  for (;;)
    pause();
}

/// In a process of its own: whether the call is refused for having been forked off.
template<typename Call>
void expect_refusal(Call call) {
  try {
    call();
  } catch (const RegistryError& error) {
    if (std::string(error.what()).find("was made before a fork") != std::string::npos) return;
  }
  _exit(3);
}

/// Answers whatever a client may ask.
std::vector<std::string> any_answer(const nlohmann::json& request) {
  const std::string asked = request["message_type"];
  nlohmann::json reply = {{"request_id", request["request_id"]},
                          {"epoch", "e"},
                          {"actors", 0},
                          {"events_endpoint", "ipc:///nowhere/e"},
                          {"actor_name", "A"},
                          {"endpoint", "tcp://h:1"},
                          {"online", true}};
  reply["message_type"] = asked == "Heartbeat"           ? "HeartbeatAck"
                          : asked == "LookupActor"       ? "LookupResult"
                          : asked == "RegistryInfo"      ? "RegistryInfo"
                          : asked == "UnregisterManager" ? "ManagerUnregistered"
                                                         : "RegistrationOk";
  return {reply.dump()};
}

std::chrono::nanoseconds processor_time() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// Whether none of the process' threads is busy all the time.
bool is_idle() {
  const auto until = Clock::now() + std::chrono::seconds(10);
  while (Clock::now() < until) {
    const auto begun = Clock::now();
    const auto before = processor_time();
    std::this_thread::sleep_for(milliseconds(200));
    if (processor_time() - before < (Clock::now() - begun) / 10) return true;
  }
  return false;
}

} // namespace

TEST_CASE("in a forked child a client refuses calls, ends quietly, and is left to the parent") {
  FakeRegistry registry(any_answer);
  std::optional<RegistryClient> client(std::in_place, "M", registry.endpoint());
  client->on_notice([](const Notice&) {});
  client->start_heartbeat();
  client->register_actor("A", "tcp://h:1");
  CHECK(end_of_process([&] {
          expect_refusal([&] { client->lookup("A"); });
          expect_refusal([&] { client->lookup_many({"A"}); });
          expect_refusal([&] { client->register_actor("A", "tcp://h:1"); });
          expect_refusal([&] { client->register_actors({}); });
          expect_refusal([&] { client->unregister_actor("A"); });
          expect_refusal([&] { client->start_heartbeat(); });
          expect_refusal([&] { client->set_heartbeat_interval(milliseconds(20)); });
          expect_refusal([&] { client->on_notice({}); });
          expect_refusal([&] { client->goodbye(); });
          client->stop_heartbeat();
          client.reset();
          RegistryClient own("Child", registry.endpoint());
          own.start_heartbeat();
          if (own.lookup("A") != "tcp://h:1" || !own.goodbye()) _exit(4);
        }) == 0);
  CHECK(is_idle());
  CHECK(client->lookup("A") == "tcp://h:1");
  CHECK(client->goodbye());
}

TEST_CASE("a forked child may exit with a client that is there to the end") {
  CHECK(end_of_process([] {
          static FakeRegistry* const registry = new FakeRegistry(any_answer); // NOLINT: the process' own
          std::atexit([] { _exit(0); }); // after the client's end; what others do at the end is their affair
          static RegistryClient client("M", registry->endpoint());
          client.on_notice([](const Notice&) {});
          client.start_heartbeat();
          client.register_actor("A", "tcp://h:1");
          if (end_of_process([] { std::exit(0); }) != 0) _exit(3);
          if (!is_idle()) _exit(4);
        }) == 0);
}

TEST_CASE(
    "in a forked child nothing else works either that has sockets of the parent's, and all of it ends") {
  FakeRegistry registry(any_answer);
  std::optional<RegistryQuery> query(std::in_place, std::vector{registry.endpoint()});
  CHECK(query->lookup("A") == "tcp://h:1");
  std::optional<RegistryEvents> events(std::in_place, std::vector{registry.endpoint()},
                                       std::vector<std::string>{"actor/A"});
  std::optional<ZmqReceiver> receiver(std::in_place, "tcp://127.0.0.1:*");
  std::optional<ZmqSender> sender(std::in_place);
  CHECK(sender->send(receiver->endpoint(), "text"));
  CHECK(end_of_process([&] {
          expect_refusal([&] { query->lookup("A"); });
          expect_refusal([&] { events->next(Clock::now()); });
          expect_refusal([&] { events->subscribe("actor/B"); });
          expect_refusal([&] { receiver->receive(milliseconds(0)); });
          expect_refusal([&] { sender->send("tcp://127.0.0.1:1", "text"); });
          query.reset();
          events.reset();
          receiver.reset();
          sender.reset();
        }) == 0);
  CHECK(query->lookup("A") == "tcp://h:1");
}

TEST_CASE("a client may be let go of in its own notice's function: it says goodbye, and its threads end") {
  CHECK(end_of_process(end_within_notice) == 0);
}

TEST_CASE("a process may exit in a notice's function, with a client that is there to the end") {
  CHECK(end_of_process([] { exit_within_notice([](RegistryClient&) {}); }) == 0);
  CHECK(end_of_process([] { exit_within_notice([](RegistryClient& client) { client.goodbye(); }); }) == 0);
}

TEST_CASE("a notice's function may stop the heartbeats of another client") {
  SupersedingRegistry registry;
  std::promise<bool> stopped;
  RegistryClient other("N", registry.endpoint());
  other.on_notice([](const Notice&) {});
  other.start_heartbeat();
  RegistryClient client("M", registry.endpoint());
  client.on_notice([](const Notice&) {});
  client.on_superseded([&] {
    try {
      other.stop_heartbeat();
      stopped.set_value(true);
    } catch (const RegistryError&) {
      stopped.set_value(false);
    }
  });
  client.start_heartbeat();
  CHECK(stopped.get_future().get());
}

TEST_CASE("a notice's function may start heartbeats that are being ended, and they end") {
  CHECK(end_of_process([] { end_while_started([](auto& client) { client->stop_heartbeat(); }); }) == 0);
  CHECK(end_of_process([] { end_while_started([](auto& client) { client->goodbye(); }); }) == 0);
  CHECK(end_of_process([] { end_while_started([](auto& client) { client.reset(); }); }) == 0);
}
