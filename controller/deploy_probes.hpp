#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What deploy asks of a host and does there, as argument vectors, and how it reads the answers. What varies
/// is an argument of the shell's or its standard input, never part of a script. Pure; readers take any bytes
/// and \throws std::invalid_argument for what is no answer.
namespace controller::deploying {

using Arguments = std::vector<std::string>;

/// The command as root: as we are, or through `sudo -n`. \param anyhow where neither is possible, as we are:
/// for looking only
Arguments as_root(const Arguments& command, bool anyhow);

/// What is in a file's place.
struct FoundFile {
  enum class Kind { missing, regular, link, other, unreadable } kind = Kind::missing;
  std::string content; ///< where regular; where a link, whereto
};

/// How the present state of a file's place is called, so that it can be said whether it is still the same.
std::string state_of(const FoundFile& file);

/// Looks at the host.
struct SurveyQuestion {
  std::string control_user;       ///< empty: nobody is granted anything
  std::vector<std::string> units; ///< full names
  std::vector<std::string> files; ///< further paths
  bool boot = false;              ///< whether the units are started at boot
};
Arguments survey_command(const SurveyQuestion& question);

struct Survey {
  bool is_root = false;
  std::string asked_as;      ///< the user's name
  bool polkit_rules = false; ///< there is a polkitd that reads rules in JavaScript
  enum class Sudo { none, reads_no_folder, usable } sudo = Sudo::none;
  enum class User { nobody, missing, root, other } control_user = User::nobody;
  enum class Journal { no_group, member, no_member } journal = Journal::no_group;
  bool needs_reload = false; ///< systemd has read another content of one of these units
  struct Unit {
    FoundFile file;        ///< in /etc/systemd/system
    std::string elsewhere; ///< another file that the unit, or its template, comes from; empty: none
    std::string boot;      ///< as `systemctl is-enabled` says it; empty: not asked, or there is no such unit
  };
  std::vector<Unit> units;      ///< in the question's order
  std::vector<FoundFile> files; ///< in the question's order
  /// What may be written by deploy and is not asked about.
  struct Other {
    std::string path;
    std::string active_state; ///< of a unit; empty: unknown
    FoundFile file;
  };
  std::vector<Other> others;
};
Survey read_survey(std::string_view output, const SurveyQuestion& question);

/// Puts a file, whose content is to be the standard input, in its place: whole or not at all, and only if the
/// place is in the state that it was seen in. What it replaces is copied first.
struct Put {
  std::string path, state_before, checksum, mode;
  bool is_sudoers = false; ///< asked of visudo first
};
Arguments put_command(const Put& put);

/// Removes a file, a unit's only if the unit is stopped; it is disabled then. \param unit empty: it is none
Arguments remove_command(const std::string& path, const std::string& state_before, const std::string& unit);

/// What came of either: nothing to do, or done, and where the copy of what was there is.
struct Change {
  bool changed = false;
  std::string backup; ///< empty: nothing was there
};
Change read_change(std::string_view output);

Arguments reload_command();
/// Has systemd start it at boot. A reload is to follow.
Arguments enable_command(const std::string& unit);
Arguments add_to_journal_command(const std::string& user);

} // namespace controller::deploying
