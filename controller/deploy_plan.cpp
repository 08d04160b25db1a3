#include "controller/deploy_plan.hpp"

#include "controller/unified_diff.hpp"
#include "systemd_units/grant_files.hpp"
#include "systemd_units/written.hpp"

#include <algorithm>
#include <utility>

namespace controller {
namespace {

using deploying::FoundFile;
using Kind = DeployItem::Kind;
using State = DeployItem::State;
using systemd_units::Author;

constexpr std::string_view units_folder = "/etc/systemd/system/";
constexpr const char* to_replace = "compare the two, then say --replace: a copy of what is there is kept";

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

void keep(DeployItem& item, const std::string& why, const std::string& hint) {
  item.state = State::kept;
  item.text = "kept: " + why;
  item.failure = Failure{FailureClass::not_ours, item.path + " is kept: " + why, hint};
}

/// Who must agree before the file that is there may be replaced or removed; empty: nobody.
std::string why_not_ours(const FoundFile& found) {
  if (found.kind == FoundFile::Kind::link) return "it is a link to " + found.content;
  if (found.kind != FoundFile::Kind::regular) return "it is no file";
  switch (systemd_units::author_of(found.content)) {
  case Author::deploy: return {};
  case Author::deploy_edited: return "it was edited since deploy wrote it";
  case Author::other: break;
  }
  return "deploy did not write it";
}

/// A file that is to have this content.
DeployItem file_item(Kind kind, std::string path, std::string content, const FoundFile& found,
                     const std::string& elsewhere, const DeployChoices& choices) {
  DeployItem item;
  item.kind = kind;
  item.path = std::move(path);
  item.state_before = deploying::state_of(found);
  item.content = std::move(content);
  if (found.kind == FoundFile::Kind::unreadable) {
    item.state = State::kept;
    item.text = "not known: only root may read what is there";
    return item;
  }
  if (found.kind == FoundFile::Kind::regular && found.content == item.content) {
    item.text = "unchanged";
    return item;
  }
  const bool is_new = found.kind == FoundFile::Kind::missing;
  item.diff = unified_diff(found.kind == FoundFile::Kind::regular ? found.content : "", item.content,
                           is_new ? "/dev/null" : item.path, item.path);
  const auto why =
      is_new ? (elsewhere.empty() ? "" : "the unit comes from " + elsewhere) : why_not_ours(found);
  if (found.kind == FoundFile::Kind::other) {
    keep(item, why, "");
  } else if (!why.empty() && !choices.replace) {
    keep(item, why, to_replace);
  } else {
    item.state = State::to_write;
    item.text = why.empty() ? (is_new ? "new" : "changed") : "replaced, though " + why;
  }
  return item;
}

/// A unit's start at boot.
DeployItem boot_item(const config::Manager& manager, const std::string& present) {
  DeployItem item;
  item.kind = Kind::boot;
  item.unit = manager.service;
  item.manager_id = manager.id;
  item.text = "unchanged";
  if (present != "enabled") {
    item.state = State::to_add;
    item.text = "it is enabled";
  }
  return item;
}

void add_units(const WantedDeployment& wanted, const deploying::Survey& survey, const DeployChoices& choices,
               std::vector<DeployItem>& items) {
  std::size_t next = 0;
  for (const auto& [manager, content] : wanted.units) {
    DeployItem item;
    std::string boot;
    if (content.empty()) {
      item.path = std::string(units_folder) + manager->service;
      item.text = "left alone: " + manager->id + " has no exec";
    } else {
      const auto& found = survey.units.at(next++);
      item = file_item(Kind::unit, std::string(units_folder) + manager->service, content, found.file,
                       found.elsewhere, choices);
      boot = found.boot;
    }
    item.unit = manager->service;
    item.manager_id = manager->id;
    const bool is_ours = !content.empty() && item.state != State::kept;
    items.push_back(std::move(item));
    if (choices.enable && is_ours) items.push_back(boot_item(*manager, boot));
  }
}

DeployItem refused_grant(const std::string& text, const std::string& hint) {
  DeployItem item;
  item.kind = Kind::polkit_rules;
  item.state = State::kept;
  item.text = "not granted: " + text;
  item.failure = Failure{FailureClass::privilege, "no right to control its units is granted: " + text, hint};
  return item;
}

/// The paths of what could grant rights, in the order of question_for().
struct GrantPaths {
  explicit GrantPaths(const std::string& user)
      : polkit(systemd_units::polkit_rules_path(user)), sudoers(systemd_units::sudoers_path(user)) {}
  std::string polkit, sudoers;
};

/// Its file's path; empty: none is wanted.
std::string add_grants(const WantedDeployment& wanted, const deploying::Survey& survey,
                       const DeployChoices& choices, std::vector<DeployItem>& items) {
  const auto& user = wanted.control_user;
  if (user.empty() || wanted.granted.empty() || survey.control_user == deploying::Survey::User::root)
    return {};
  if (const auto why = systemd_units::why_not_grantee(user); !why.empty()) {
    items.push_back(
        refused_grant("the user '" + user + "': " + why, "actorsctl doctor says what to write by hand"));
    return {};
  }
  if (survey.control_user == deploying::Survey::User::missing) {
    items.push_back(
        refused_grant("there is no user " + user, "make it there: useradd --create-home " + user));
    return {};
  }
  const GrantPaths paths(user);
  if (survey.polkit_rules) {
    items.push_back(file_item(Kind::polkit_rules, paths.polkit,
                              systemd_units::polkit_rules_file(user, wanted.granted), survey.files.at(0), "",
                              choices));
    return paths.polkit;
  }
  if (survey.sudo == deploying::Survey::Sudo::usable) {
    items.push_back(file_item(Kind::sudoers, paths.sudoers, systemd_units::sudoers_file(user, wanted.granted),
                              survey.files.at(1), "", choices));
    return paths.sudoers;
  }
  items.push_back(
      survey.sudo == deploying::Survey::Sudo::none
          ? refused_grant("it has neither a polkitd that reads rules nor sudo", "install one of them there")
          : refused_grant("there is no polkitd that reads rules, and sudo reads no /etc/sudoers.d",
                          "add to /etc/sudoers: @includedir /etc/sudoers.d"));
  return {};
}

void add_journal_group(const WantedDeployment& wanted, const deploying::Survey& survey,
                       std::vector<DeployItem>& items) {
  if (wanted.control_user.empty() || wanted.granted.empty() ||
      survey.control_user != deploying::Survey::User::other)
    return;
  if (!systemd_units::why_not_grantee(wanted.control_user).empty()) return;
  DeployItem item;
  item.kind = Kind::journal_group;
  item.text = "unchanged";
  if (survey.journal == deploying::Survey::Journal::no_group) item.text = "there is no group systemd-journal";
  if (survey.journal == deploying::Survey::Journal::no_member) {
    item.state = State::to_add;
    item.text = wanted.control_user + " is added";
  }
  items.push_back(std::move(item));
}

/// What deploy wrote there once, for a unit or user that the configuration has no more.
void add_stale(const std::string& path, const FoundFile& found, const std::string& active_state,
               const DeployChoices& choices, std::vector<DeployItem>& items) {
  DeployItem item;
  item.path = path;
  item.state_before = deploying::state_of(found);
  if (path.starts_with(units_folder)) item.unit = path.substr(units_folder.size());
  if (item.unit.empty()) item.kind = path.ends_with(".rules") ? Kind::polkit_rules : Kind::sudoers;
  const bool is_up = !item.unit.empty() && active_state != "inactive" && active_state != "failed";
  const auto why = why_not_ours(found);
  if (!choices.prune) {
    item.text = "not in the configuration any more; --prune removes it";
  } else if (is_up) {
    keep(item,
         "the unit is " + (active_state.empty() ? "in an unknown state" : active_state) +
             ", and not in the configuration any more",
         "stop it there first: systemctl stop " + item.unit);
  } else if (!why.empty() && !choices.replace) {
    keep(item, why, "look at it, then say --prune --replace: a copy is kept");
  } else {
    item.state = State::to_remove;
    item.text = "not in the configuration any more";
    item.diff = unified_diff(found.content, "", path, "/dev/null");
  }
  items.push_back(std::move(item));
}

} // namespace

std::string_view to_string(DeployItem::Kind kind) {
  switch (kind) {
  case Kind::unit: return "unit";
  case Kind::boot: return "boot";
  case Kind::polkit_rules: return "polkit_rules";
  case Kind::sudoers: return "sudoers";
  case Kind::journal_group: return "journal_group";
  }
  return "unit";
}

std::string_view to_string(DeployItem::State state) {
  switch (state) {
  case State::unchanged: return "unchanged";
  case State::to_write: return "would_write";
  case State::to_remove: return "would_remove";
  case State::to_add: return "would_add";
  case State::kept: return "kept";
  case State::written: return "written";
  case State::removed: return "removed";
  case State::added: return "added";
  case State::failed: return "failed";
  }
  return "failed";
}

std::string what_of(const DeployItem& item) {
  if (item.kind == DeployItem::Kind::journal_group) return "group systemd-journal";
  if (item.kind == DeployItem::Kind::boot) return item.unit + " at boot";
  return item.path.empty() ? "the right to control" : item.path;
}

deploying::SurveyQuestion question_for(const WantedDeployment& wanted, const DeployChoices& choices) {
  deploying::SurveyQuestion question;
  question.boot = choices.enable;
  for (const auto& [manager, content] : wanted.units)
    if (!content.empty()) question.units.push_back(manager->service);
  const auto& user = wanted.control_user;
  if (user.empty() || !systemd_units::why_not_grantee(user).empty()) return question;
  question.control_user = user;
  const GrantPaths paths(user);
  question.files = {paths.polkit, paths.sudoers};
  return question;
}

std::vector<DeployItem> plan_deployment(const WantedDeployment& wanted, const deploying::Survey& survey,
                                        const DeployChoices& choices) {
  std::vector<DeployItem> items;
  add_units(wanted, survey, choices, items);
  const auto grant = add_grants(wanted, survey, choices, items);
  add_journal_group(wanted, survey, items);
  const auto stale = [&](const std::string& path, const FoundFile& found, const std::string& active_state) {
    if (contains(wanted.known, path)) return;
    if (found.kind == FoundFile::Kind::regular && systemd_units::author_of(found.content) != Author::other)
      add_stale(path, found, active_state, choices, items);
  };
  // The other way of granting, or both where nothing is to be granted any more.
  if (!survey.files.empty()) {
    const GrantPaths paths(wanted.control_user);
    if (grant != paths.polkit) stale(paths.polkit, survey.files.at(0), "");
    if (grant != paths.sudoers) stale(paths.sudoers, survey.files.at(1), "");
  }
  for (const auto& [path, active_state, found] : survey.others)
    stale(path, found, active_state);
  return items;
}

} // namespace controller
