#pragma once

#include "ssh/session.hpp"
#include "ssh/unique_fd.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace ssh {

/// Stands between libssh and an authentication agent, since libssh waits for an agent without end and shows a
/// server all of its keys in the agent's order, until the server has enough. The relay ends at a deadline,
/// and shows only some keys, or some first, and certificates in files for keys that the agent has. It speaks
/// of the agent protocol (draft-miller-ssh-agent) only what it needs: the list of identities is edited, and
/// so is whose signature is asked for; everything else is passed on. Its thread ends with it.
class AgentRelay {
public:
  /// A certificate that the agent need not have. Base64 blobs: itself, and the key that it certifies.
  struct Certificate {
    std::string base64, key_base64;
  };

  /// Which of the agent's keys libssh gets to see. Keys are base64 blobs.
  struct Choice {
    std::vector<std::string> first;             ///< these before all others, in this order
    std::vector<std::string> hidden;            ///< never these: the server has refused them already
    bool only_first = false;                    ///< IdentitiesOnly
    std::vector<Certificate> certificates = {}; ///< also these, where the agent has their keys
  };

  /// Connects to the agent's socket. Null where nobody listens there.
  static std::unique_ptr<AgentRelay> connect(const std::string& path, Choice choice, Deadline deadline);

  AgentRelay(const AgentRelay&) = delete;
  AgentRelay& operator=(const AgentRelay&) = delete;
  ~AgentRelay();

  /// The socket for libssh, once; the taker closes it.
  [[nodiscard]] int take_socket() noexcept { return for_libssh_.release(); }

private:
  AgentRelay(UniqueFd agent, Choice choice, Deadline deadline);
  void relay() noexcept;
  UniqueFd agent_, ours_, for_libssh_;
  Choice choice_;
  Deadline deadline_;
  std::thread thread_;
};

/// An answer with the agent's identities, edited; an answer of another kind comes back as it is. Pure.
std::string edit_identities(const std::string& answer, const AgentRelay::Choice& choice);

/// A request in which a certificate of ours signs, with the key instead that the agent knows; another one
/// comes back as it is. Pure.
std::string edit_request(const std::string& request, const AgentRelay::Choice& choice);

/// The socket of the agent to ask (IdentityAgent, SSH_AUTH_SOCK); empty where there is none.
std::string agent_path(const Settings& settings);

/// The keys that an agent has, as base64 blobs; none where nobody answers there by the deadline.
std::vector<std::string> agent_keys(const std::string& path, Deadline deadline);

} // namespace ssh
