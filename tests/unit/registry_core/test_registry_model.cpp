// The registry against a model so small that it is right by inspection: it walks over everything and keeps a
// deadline for each life, where the registry keeps lists and one bound for all.

#include "tests/unit/registry_core/simulated.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace registry_core;

namespace {

using Instance = std::optional<std::string>;
constexpr Nanos timeout = 6 * nanos_per_second;

struct Model {
  struct Manager {
    Instance current;
    std::vector<Instance> superseded;
    Nanos online_until = 0;
    std::map<Instance, Nanos> heard_until;
    std::set<std::string> lost;
  };
  struct Name {
    std::string manager, endpoint;
    Instance instance;
  };
  std::map<std::string, Manager> managers;
  std::map<std::string, Name> names;
  Takeover takeover = Takeover::offline;
  Nanos now = 0;

  void stall(Nanos after) {
    for (auto& [id, manager] : managers) {
      if (manager.online_until > now) manager.online_until = after + timeout;
      for (auto& [instance, until] : manager.heard_until) {
        if (until > now) until = after + timeout;
      }
    }
    now = after;
  }
  bool refuses(const std::string& id, const Instance& instance) {
    const auto found = managers.find(id);
    if (found == managers.end() || !instance || found->second.current == instance) return false;
    const auto& old = found->second.superseded;
    return found->second.online_until > now && std::find(old.begin(), old.end(), instance) != old.end();
  }
  bool speak(const std::string& id, const Instance& instance) {
    if (refuses(id, instance)) {
      managers[id].heard_until[instance] = now + timeout;
      return false;
    }
    Manager& manager = managers[id];
    if (instance && manager.current != instance) {
      std::erase(manager.superseded, instance);
      if (manager.current) manager.superseded.push_back(manager.current);
      if (manager.superseded.size() > 8) manager.superseded.erase(manager.superseded.begin());
      manager.current = instance;
    }
    manager.online_until = manager.heard_until[manager.current] = now + timeout;
    return true;
  }
  bool is_online(const Name& name) {
    const Manager& manager = managers[name.manager];
    return manager.online_until > now && (!name.instance || name.instance == manager.current);
  }
  bool owner_is_heard(const Name& name) {
    Manager& manager = managers[name.manager];
    return (name.instance ? manager.heard_until[name.instance] : manager.online_until) > now;
  }
  std::string add(const std::string& id, const std::string& name, const Instance& instance,
                  const std::string& endpoint) {
    if (!speak(id, instance)) return "superseded";
    const auto found = names.find(name);
    if (found != names.end() && found->second.manager != id) {
      if (takeover == Takeover::never || owner_is_heard(found->second)) return "taken";
      managers[found->second.manager].lost.insert(name);
    }
    names[name] = {id, endpoint, instance};
    managers[id].lost.erase(name);
    return "ok";
  }
  std::string remove(const std::string& name, const Instance& id, const Instance& instance) {
    const auto found = names.find(name);
    const std::string manager = id ? *id : found != names.end() ? found->second.manager : "";
    if (refuses(manager, instance)) return "superseded";
    if (managers.contains(manager)) managers[manager].lost.erase(name);
    if (found != names.end() && id && found->second.manager != *id) return "taken";
    if (found != names.end()) names.erase(found);
    return "ok";
  }
  std::uint64_t held(const std::string& id) {
    std::uint64_t count = 0;
    for (const auto& [name, value] : names) {
      count += value.manager == id && (!value.instance || value.instance == managers[id].current);
    }
    return count;
  }
};

std::string outcome(const protocol::Reply& reply) {
  return is_ok(reply) ? "ok" : std::string(protocol::name_of(failure(reply).code));
}

class Comparison {
public:
  explicit Comparison(unsigned seed, Takeover takeover)
      : random_(seed), sim_([&] {
          RegistryOptions options;
          options.takeover = takeover;
          return options;
        }()) {
    model_.takeover = takeover;
  }

  void step() {
    switch (pick(12)) {
    case 0:
    case 1:
    case 2:
    case 3: add(); break;
    case 4: remove(); break;
    case 5:
    case 6:
    case 7: beat(); break;
    case 8: pass(pick(3000)); break;
    case 9: pick(8) == 0 ? pass(pick(8000)) : pass(pick(1500)); break;
    case 10: pick(6) == 0 ? stall() : pass(1); break;
    default: sim_.registry.expire(sim_.now, static_cast<std::size_t>(pick(3))); break;
    }
    compare();
  }

private:
  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  std::string manager() { return "M" + std::to_string(pick(4)); }
  std::string name() { return "A" + std::to_string(pick(6)); }
  Instance instance() {
    // Mostly few, so that lives come back; sometimes many, so that old ones are forgotten.
    const int kind = pick(10);
    if (kind < 3) return std::nullopt;
    return "i" + std::to_string(kind < 9 ? pick(3) : pick(30));
  }
  static Simulated::Text view(const Instance& text) { return text ? Simulated::Text(*text) : std::nullopt; }

  void add() {
    const auto id = manager(), actor = name(), endpoint = "tcp://h:" + std::to_string(1 + pick(3));
    const Instance life = instance();
    const auto reply = sim_.add(id, actor, view(life), endpoint);
    REQUIRE(outcome(reply) == model_.add(id, actor, life, endpoint));
    if (is_ok(reply)) REQUIRE(std::get<protocol::RegistrationOk>(reply).actors == model_.held(id));
  }
  void remove() {
    const auto actor = name();
    const Instance id = pick(3) ? Instance(manager()) : std::nullopt;
    const Instance life = instance();
    REQUIRE(outcome(sim_.remove(actor, view(id), view(life))) == model_.remove(actor, id, life));
  }
  void beat() {
    const auto id = manager();
    const Instance life = instance();
    const auto ack = sim_.beat(id, view(life));
    const bool spoke = model_.speak(id, life);
    REQUIRE(ack.superseded == !spoke);
    REQUIRE(ack.actors == model_.held(id));
    const auto& lost = model_.managers[id].lost;
    if (spoke) REQUIRE(std::equal(ack.lost.begin(), ack.lost.end(), lost.begin(), lost.end()));
  }
  void pass(int milliseconds) {
    sim_.pass(milliseconds / 1000.0);
    model_.now = sim_.now;
  }
  void stall() {
    sim_.stall(30);
    model_.stall(sim_.now);
  }
  void compare() {
    for (int i = 0; i < 6; ++i) {
      const std::string actor = "A" + std::to_string(i);
      const auto result = sim_.look(actor);
      const auto found = model_.names.find(actor);
      REQUIRE(result.endpoint.has_value() == (found != model_.names.end()));
      if (!result.endpoint) continue;
      REQUIRE(*result.endpoint == found->second.endpoint);
      REQUIRE(*result.manager_id == found->second.manager);
      REQUIRE(result.online == model_.is_online(found->second));
    }
    if (pick(20) == 0) compare_counts();
    sim_.registry.take_events();
    sim_.registry.take_changes();
  }
  void compare_counts() {
    sim_.expire();
    const auto counts = sim_.registry.counts();
    std::uint64_t actors = 0, managers = 0;
    for (const auto& [id, one] : model_.managers)
      managers += one.online_until > model_.now;
    for (const auto& [id, one] : model_.names)
      actors += model_.is_online(one);
    REQUIRE(counts.managers == model_.managers.size());
    REQUIRE(counts.managers_online == managers);
    REQUIRE(counts.actors == model_.names.size());
    REQUIRE(counts.actors_online == actors);
  }

  std::mt19937 random_;
  Simulated sim_;
  Model model_;
};

} // namespace

TEST_CASE("random sequences do what the model says") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Comparison comparison(seed, seed % 5 == 0 ? Takeover::never : Takeover::offline);
    for (int step = 0; step < 10'000; ++step)
      comparison.step();
  }
}
