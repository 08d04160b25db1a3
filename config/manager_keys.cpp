#include "config/draft.hpp"
#include "config/rules.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace config {
namespace {

void read_service(Reader& reader, const Node& node, DraftManager& into) {
  into.service_at = node.at;
  const auto text = reader.text(node);
  if (!text) return;
  try {
    into.manager.service = reader.checks.service_name ? reader.checks.service_name(*text) : *text;
  } catch (const std::invalid_argument& e) {
    reader.fault(node, e.what());
  }
}

constexpr std::array<Key<RestartPolicy>, 3> restart_keys{{
    {"delay_s",
     [](Reader& r, const Node& n, RestartPolicy& p) { p.delay_s = r.seconds(n, 0).value_or(p.delay_s); }},
    {"max_delay_s", [](Reader& r, const Node& n,
                       RestartPolicy& p) { p.max_delay_s = r.seconds(n, 0).value_or(p.max_delay_s); }},
    {"per_hour",
     [](Reader& r, const Node& n, RestartPolicy& p) {
       p.per_hour =
           static_cast<unsigned>(r.number(n, 1, 3600, "a number from 1 to 3600").value_or(p.per_hour));
     }},
}};

void read_restart_on_timeout(Reader& reader, const Node& node, DraftManager& into) {
  if (node.kind == Node::Kind::boolean && !node.boolean) return;
  if (node.kind != Node::Kind::object)
    return reader.fault(node, "expected false or an object of delay_s, max_delay_s, per_hour");
  RestartPolicy policy;
  read_table<RestartPolicy>(reader, node, restart_keys, policy);
  into.manager.restart_on_timeout = policy;
}

constexpr std::array<Key<DraftManager>, 10> manager_keys{{
    {"service", read_service},
    {"language",
     [](Reader& r, const Node& n, DraftManager& m) { m.manager.language = r.text(n).value_or(""); }},
    {"description",
     [](Reader& r, const Node& n, DraftManager& m) { m.manager.description = r.text(n).value_or(""); }},
    {"heartbeats",
     [](Reader& r, const Node& n, DraftManager& m) { m.manager.heartbeats = r.boolean(n).value_or(true); }},
    {"after", [](Reader& r, const Node& n, DraftManager& m) { m.after = r.texts(n, why_not_id, false); }},
    {"restart_on_timeout", read_restart_on_timeout},
    {"exec", read_exec},
    {"user", [](Reader& r, const Node& n,
                DraftManager& m) { m.manager.user = r.text(n, why_not_user).value_or(""); }},
    {"environment", read_environment},
    {"resources", read_resources},
}};

} // namespace

void read_managers(Reader& reader, const Node& node, DraftHost& into) {
  reader.members(node, [&](const Node& member) {
    if (auto why = why_not_id(member.key); !why.empty()) reader.fault(member.key_at, "a manager's id " + why);
    auto& added = into.managers.emplace_back();
    added.at = member.key_at;
    added.manager.id = member.key;
    read_table<DraftManager>(reader, member, manager_keys, added);
    const auto has_service = std::any_of(member.children.begin(), member.children.end(),
                                         [](const Node& child) { return child.key == "service"; });
    if (member.kind == Node::Kind::object && !has_service) reader.fault(member.key_at, "has no 'service'");
  });
}

} // namespace config
