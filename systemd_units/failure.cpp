#include "systemd_units/unit_state.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

namespace systemd_units {
namespace {

struct ExitStatus {
  int status;
  std::string_view name;
};

/// Of systemd.exec(5), "Process Exit Codes", and of sysexits.h, as `systemd-analyze exit-status` lists them.
constexpr std::array<ExitStatus, 67> exit_statuses{{
    {0, "SUCCESS"},
    {1, "FAILURE"},
    {2, "INVALIDARGUMENT"},
    {3, "NOTIMPLEMENTED"},
    {4, "NOPERMISSION"},
    {5, "NOTINSTALLED"},
    {6, "NOTCONFIGURED"},
    {7, "NOTRUNNING"},
    {64, "USAGE"},
    {65, "DATAERR"},
    {66, "NOINPUT"},
    {67, "NOUSER"},
    {68, "NOHOST"},
    {69, "UNAVAILABLE"},
    {70, "SOFTWARE"},
    {71, "OSERR"},
    {72, "OSFILE"},
    {73, "CANTCREAT"},
    {74, "IOERR"},
    {75, "TEMPFAIL"},
    {76, "PROTOCOL"},
    {77, "NOPERM"},
    {78, "CONFIG"},
    {200, "CHDIR"},
    {201, "NICE"},
    {202, "FDS"},
    {203, "EXEC"},
    {204, "MEMORY"},
    {205, "LIMITS"},
    {206, "OOM_ADJUST"},
    {207, "SIGNAL_MASK"},
    {208, "STDIN"},
    {209, "STDOUT"},
    {210, "CHROOT"},
    {211, "IOPRIO"},
    {212, "TIMERSLACK"},
    {213, "SECUREBITS"},
    {214, "SETSCHEDULER"},
    {215, "CPUAFFINITY"},
    {216, "GROUP"},
    {217, "USER"},
    {218, "CAPABILITIES"},
    {219, "CGROUP"},
    {220, "SETSID"},
    {221, "CONFIRM"},
    {222, "STDERR"},
    {224, "PAM"},
    {225, "NETWORK"},
    {226, "NAMESPACE"},
    {227, "NO_NEW_PRIVILEGES"},
    {228, "SECCOMP"},
    {229, "SELINUX_CONTEXT"},
    {230, "PERSONALITY"},
    {231, "APPARMOR"},
    {232, "ADDRESS_FAMILIES"},
    {233, "RUNTIME_DIRECTORY"},
    {235, "CHOWN"},
    {236, "SMACK_PROCESS_LABEL"},
    {237, "KEYRING"},
    {238, "STATE_DIRECTORY"},
    {239, "CACHE_DIRECTORY"},
    {240, "LOGS_DIRECTORY"},
    {241, "CONFIGURATION_DIRECTORY"},
    {242, "NUMA_POLICY"},
    {243, "CREDENTIALS"},
    {244, "BPF"},
    {255, "EXCEPTION"},
}};

std::string_view exit_status_name(int status) {
  const auto* const found =
      std::find_if(exit_statuses.begin(), exit_statuses.end(),
                   [status](const ExitStatus& known) { return known.status == status; });
  return found == exit_statuses.end() ? std::string_view() : found->name;
}

std::string signal_name(int signal) {
  const char* const name = sigabbrev_np(signal);
  return name != nullptr ? name : std::to_string(signal);
}

} // namespace

std::string describe_failure(const UnitState& state) {
  if (state.load_state != "loaded" && !state.load_error.empty()) return state.load_error;
  const bool main_exited = state.exec_main_code == CLD_EXITED && state.exec_main_status != 0;
  const bool main_killed = state.exec_main_code == CLD_KILLED || state.exec_main_code == CLD_DUMPED;
  // Where another process of the unit failed (ExecStartPre=, ExecStop=), the main one's end is not the
  // reason.
  if (state.result == "exit-code" && main_exited) {
    const auto name = exit_status_name(state.exec_main_status);
    return "exit-code (status=" + std::to_string(state.exec_main_status) +
           (name.empty() ? "" : "/" + std::string(name)) + ")";
  }
  if ((state.result == "signal" || state.result == "core-dump") && main_killed)
    return state.result + " (" + signal_name(state.exec_main_status) + ")";
  return state.result;
}

} // namespace systemd_units
