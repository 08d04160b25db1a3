#include "config/draft.hpp"
#include "config/rules.hpp"

#include <array>
#include <cstdint>

namespace config {
namespace {

/// Below it no program starts: more likely a unit was forgotten.
constexpr std::string_view least_memory = "1M";

/// Bytes of a size that why_not_size() finds nothing wrong with; nothing for `infinity`.
std::optional<double> bytes_of(std::string_view size) {
  if (size == "infinity") return std::nullopt;
  double bytes = 0;
  for (const char c : size) {
    if (c >= '0' && c <= '9') {
      bytes = bytes * 10 + (c - '0');
      continue;
    }
    for (auto power = std::string_view("KMGT").find(c) + 1; power > 0; --power)
      bytes *= 1024;
  }
  return bytes;
}

void read_memory_max(Reader& reader, const Node& node, Resources& into) {
  into.memory_max = reader.text(node, why_not_size);
  const auto bytes = into.memory_max ? bytes_of(*into.memory_max) : std::nullopt;
  if (bytes && *bytes < *bytes_of(least_memory))
    reader.fault(node, "expected " + std::string(least_memory) + " or more, as \"512M\" or \"2G\"");
}

constexpr std::int64_t most_tasks = 4'194'304;        // pid_max's own limit (proc(5))
constexpr std::int64_t most_descriptors = 1073741816; // fs.nr_open's own limit

constexpr std::array<Key<Resources>, 6> resource_keys{{
    {"memory_max", read_memory_max},
    {"cpu_quota",
     [](Reader& r, const Node& n, Resources& into) { into.cpu_quota = r.text(n, why_not_cpu_quota); }},
    {"tasks_max",
     [](Reader& r, const Node& n, Resources& into) { into.tasks_max = r.whole(n, 1, most_tasks); }},
    {"limit_nofile",
     [](Reader& r, const Node& n, Resources& into) { into.limit_nofile = r.whole(n, 16, most_descriptors); }},
    {"limit_memlock",
     [](Reader& r, const Node& n, Resources& into) { into.limit_memlock = r.text(n, why_not_size); }},
    {"nice",
     [](Reader& r, const Node& n, Resources& into) {
       if (const auto nice = r.whole(n, -20, 19)) into.nice = static_cast<int>(*nice);
     }},
}};

} // namespace

// Nothing here is split at blanks: that a path has one, or that an argument does, is clear from the list.
void read_exec(Reader& reader, const Node& node, DraftManager& into) {
  constexpr const char* expected = "a list: the program, and each of its arguments";
  if (node.kind == Node::Kind::string && node.string.find(' ') != std::string::npos)
    return reader.fault(node,
                        std::string("expected ") + expected + ", as [\"/usr/bin/program\", \"--option\"]");
  const bool alone = node.kind == Node::Kind::string;
  if (!alone && !reader.is(node, Node::Kind::array, expected)) return;
  if (!alone && node.children.empty()) return reader.fault(node, "expected at least the program");
  const auto& program = alone ? node : node.children.front();
  into.manager.exec = {reader.text(program, why_not_program).value_or("")};
  for (std::size_t i = 1; i < node.children.size(); ++i)
    into.manager.exec.push_back(reader.text(node.children[i], why_not_argument).value_or(""));
}

void read_environment(Reader& reader, const Node& node, DraftManager& into) {
  reader.members(node, [&](const Node& variable) {
    if (auto why = why_not_variable(variable.key); !why.empty()) reader.fault(variable.key_at, why);
    if (variable.key == "MANAGER_ID")
      reader.fault(variable.key_at, "is the manager's id, and set by deploy; leave it out");
    if (const auto value = reader.text(variable, why_not_argument))
      into.manager.environment.emplace_back(variable.key, *value);
  });
}

void read_resources(Reader& reader, const Node& node, DraftManager& into) {
  read_table<Resources>(reader, node, resource_keys, into.manager.resources);
}

} // namespace config
