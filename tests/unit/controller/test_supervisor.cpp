#include "controller/supervisor.hpp"

#include "ssh/unique_fd.hpp"
#include "tests/unit/clients_cpp/fake_registry.hpp"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>

namespace controller {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

/// A registry that has been up for long and has these managers offline. Without any it does not answer.
class OfflineRegistry {
public:
  explicit OfflineRegistry(Words managers) : managers_(std::move(managers)) {}
  [[nodiscard]] RegistryAccess access() const { return {{fake_.endpoint()}, managers_.empty() ? 50ms : 5s}; }
  [[nodiscard]] unsigned asked() const { return asked_; }

private:
  Words answer(const nlohmann::json& request) {
    ++asked_;
    if (managers_.empty()) return {};
    nlohmann::json reply = {{"request_id", request["request_id"]}};
    if (request["message_type"] == "RegistryInfo") {
      reply.update({{"message_type", "RegistryInfo"}, {"version", "1"}, {"epoch", "e"}, {"run", "r"}});
      reply.update({{"store", "memory"}, {"uptime_s", 3600}, {"counts", nlohmann::json::object()}});
      reply.update({{"counters", nlohmann::json::object()}, {"warnings", nlohmann::json::array()}});
      return {reply.dump()};
    }
    auto managers = nlohmann::json::array();
    for (const auto& id : managers_)
      managers.push_back({{"manager_id", id}, {"online", false}, {"actors", 1}});
    reply.update({{"message_type", "ManagerList"}, {"managers", managers}});
    return {reply.dump()};
  }

  Words managers_;
  std::atomic<unsigned> asked_ = 0;
  FakeRegistry fake_{[this](const nlohmann::json& request) { return answer(request); }};
};

/// A host that takes connections and says nothing: who looks at its units is under way until it is gone.
class SilentHost {
public:
  SilentHost() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_.get(), raw, size) != 0 || ::listen(socket_.get(), 16) != 0 ||
        ::getsockname(socket_.get(), raw, &size) != 0)
      throw std::runtime_error("can't listen");
    host_.ssh = "root@127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    host_.connect_timeout_s = 60;
  }
  void is_gone() { socket_ = ssh::UniqueFd(); }

  /// It, with managers that are restarted when they hang.
  [[nodiscard]] config::Host with(const Words& managers) const {
    auto host = host_;
    host.name = "silent";
    for (const auto& id : managers) {
      config::Manager manager;
      manager.id = id;
      manager.service = "m.service";
      manager.restart_on_timeout = config::RestartPolicy{0.1, 1, 3};
      host.managers.push_back(manager);
    }
    return host;
  }

private:
  ssh::UniqueFd socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  config::Host host_;
};

SupervisorSettings settings(const OfflineRegistry& registry, std::vector<config::Host> hosts = {}) {
  config::Config config;
  config.heartbeat_timeout_s = 0.1;
  config.hosts = std::move(hosts);
  return {std::make_shared<const config::Config>(std::move(config)), registry.access()};
}

/// What a supervisor says, and what is done with it while it runs.
struct Driven {
  std::function<bool()> step; ///< at each tick; true: it is enough
  Words said;                 ///< `WORD ID`
  std::atomic<bool> ending = false;
  Clock::time_point deadline = Clock::now() + 30s;

  SupervisorOptions options() {
    SupervisorOptions options;
    options.log = [this](const SupervisionEvent& event) {
      said.push_back(event.word + (event.manager_id.empty() ? "" : " ") + event.manager_id);
    };
    options.tick = [this] {
      if (ending) return;
      const bool late = Clock::now() > deadline;
      CHECK_FALSE(late);
      ending = step() || late;
    };
    options.ending = [this] { return ending.load(); };
    return options;
  }
};

} // namespace

TEST_CASE("another configuration is in force at once, what is under way ends by the one before and counts") {
  OfflineRegistry registry({"M", "N"});
  SilentHost before, now;
  Driven driven;
  Supervisor supervisor(settings(registry, {before.with({"M"})}), driven.options());
  bool changed = false;
  driven.step = [&] {
    if (!changed && !supervisor.at_work().empty()) {
      supervisor.change(settings(registry, {now.with({"N"})}));
      CHECK(supervisor.watched() == 1);
      CHECK(supervisor.at_work() == Words{"M"});
      changed = true;
    }
    // It goes on with those that the new one has while M is under way.
    if (supervisor.at_work() == Words{"M", "N"}) before.is_gone();
    if (!changed || supervisor.at_work() != Words{"N"}) return false;
    now.is_gone();
    return true;
  };
  supervisor.run();
  CHECK(driven.said == Words{"left_alone M", "left_alone N"});
}

TEST_CASE("one that is taken away and given back while it is under way is not begun twice") {
  OfflineRegistry registry({"M", "N"});
  SilentHost host;
  Driven driven;
  Supervisor supervisor(settings(registry, {host.with({"M"})}), driven.options());
  bool changed = false;
  driven.step = [&] {
    if (!changed && !supervisor.at_work().empty()) {
      supervisor.change(settings(registry));
      CHECK(supervisor.watched() == 0);
      supervisor.change(settings(registry, {host.with({"M", "N"})}));
      changed = true;
    }
    // N was found offline with M, so M would have been begun.
    if (supervisor.at_work() != Words{"M", "N"}) return false;
    host.is_gone();
    return true;
  };
  supervisor.run();
  std::sort(driven.said.begin(), driven.said.end());
  CHECK(driven.said == Words{"left_alone M", "left_alone N"});
}

TEST_CASE("another registry is asked from then on") {
  OfflineRegistry before({"M"}), now({"N"});
  SilentHost host;
  Driven driven;
  Supervisor supervisor(settings(before, {host.with({"N"})}), driven.options());
  unsigned asked = 0;
  driven.step = [&] {
    if (asked == 0 && before.asked() > 0) {
      supervisor.change(settings(now, {host.with({"N"})}));
      asked = before.asked();
    }
    if (supervisor.at_work().empty()) return false; // only the new one knows of N
    host.is_gone();
    return true;
  };
  supervisor.run();
  CHECK(before.asked() == asked);
}

TEST_CASE("of another registry it is said that it is away, though the one before was away too") {
  OfflineRegistry before({}), now({}), there({"M"});
  Driven driven;
  Supervisor supervisor(settings(before), driven.options());
  driven.step = [&] {
    if (driven.said.size() == 1) supervisor.change(settings(now));
    if (driven.said.size() == 2) supervisor.change(settings(there));
    return driven.said.size() == 3;
  };
  supervisor.run();
  CHECK(driven.said == Words{"registry_away", "registry_away", "registry_back"});
}

} // namespace controller
