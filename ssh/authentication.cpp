#include "ssh/authentication.hpp"

#include "ssh/agent_relay.hpp"
#include "ssh/certificate.hpp"
#include "ssh/identity.hpp"
#include "ssh/known_hosts.hpp"
#include "ssh/unlocked_keys.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <new>
#include <string_view>

namespace ssh {

namespace {

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  return text;
}

std::string method_names(int methods) {
  std::vector<std::string> names;
  if ((methods & SSH_AUTH_METHOD_PASSWORD) != 0) names.emplace_back("password");
  if ((methods & SSH_AUTH_METHOD_INTERACTIVE) != 0) names.emplace_back("keyboard-interactive");
  if ((methods & SSH_AUTH_METHOD_HOSTBASED) != 0) names.emplace_back("hostbased");
  if ((methods & SSH_AUTH_METHOD_GSSAPI_MIC) != 0) names.emplace_back("gssapi-with-mic");
  return names.empty() ? "nothing" : join(names);
}

/// One attempt at a session's authentication, and what came of each step, for the message.
class Attempt {
public:
  Attempt(const Connection& connection, const Settings& settings, Deadline deadline)
      : connection_(connection), settings_(settings), deadline_(deadline) {}

  std::string run() {
    if (is_in([this] { return ssh_userauth_none(session(), nullptr); })) return "no key";
    require_public_key();
    for (const auto& path : settings_.identity_files)
      identities_.push_back(load_identity(path, settings_.unlocked_keys.get()));
    if (try_certificates() || try_identities() || try_agent()) return taken_;
    const auto text = failure_text(); // which finds the hint
    throw Error(ErrorClass::authentication, text, hint_);
  }

private:
  [[nodiscard]] ssh_session session() const { return connection_.get(); }

  /// One method to its end: true when we are in, false when it was refused.
  bool is_in(const std::function<int()>& method) {
    const int result = connection_.drive(method, SSH_AUTH_AGAIN, "authentication", deadline_);
    if (result == SSH_AUTH_SUCCESS) return true;
    if (result == SSH_AUTH_PARTIAL)
      throw Error(ErrorClass::authentication,
                  "server wants more than a key: " + method_names(ssh_userauth_list(session(), nullptr)));
    if (result == SSH_AUTH_DENIED || connection_.alive()) return false;
    throw_broken();
  }

  [[noreturn]] void throw_broken() {
    const auto failure = connection_.failure();
    // sshd hangs up on the one who shows too many keys, or whom it does not want at all.
    const bool refused = connection_.farewell() || !refused_.empty();
    throw Error(refused ? ErrorClass::authentication : ErrorClass::connect,
                "failed in the authentication: " + failure);
  }

  void require_public_key() {
    const int methods = ssh_userauth_list(session(), nullptr);
    if ((methods & SSH_AUTH_METHOD_PUBLICKEY) != 0) return;
    throw Error(ErrorClass::authentication,
                "server takes no keys from user " + settings_.user + ", only " + method_names(methods));
  }

  /// Those of CertificateFile, before all keys, as `ssh` does it.
  bool try_certificates() {
    return std::any_of(settings_.certificate_files.begin(), settings_.certificate_files.end(),
                       [this](const std::string& path) { return try_certificate(load_certificate(path)); });
  }

  /// In order; behind each its certificate in KEY-cert.pub, where CertificateFile names none.
  bool try_identities() {
    for (const auto& identity : identities_) {
      if (try_identity(identity)) return true;
      if (!settings_.certificate_files.empty()) continue;
      const auto certificate = load_certificate(identity.path + "-cert.pub");
      if (certificate.exists && try_certificate(certificate)) return true;
    }
    return false;
  }

  bool try_identity(const Identity& identity) {
    if (!identity.public_base64.empty()) choice_.first.push_back(identity.public_base64);
    if (!identity.key) {
      if (identity.needs_passphrase && locked_.empty()) locked_ = identity.path;
      (identity.exists ? skipped_ : missing_).push_back(identity.path + " " + identity.problem);
      return false;
    }
    return try_key(identity.key.get(), identity.path, identity.public_base64);
  }

  bool try_certificate(const CertificateFile& certificate) {
    if (!certificate.problem.empty()) {
      skipped_.push_back(certificate.path + " " + certificate.problem);
      return false;
    }
    const auto identity = std::find_if(identities_.begin(), identities_.end(), [&](const Identity& one) {
      return one.key && known_hosts::same_key(one.public_base64, certificate.key_base64);
    });
    choice_.first.push_back(certificate.base64);
    if (identity == identities_.end()) {
      choice_.certificates.push_back({certificate.base64, certificate.key_base64});
      if (!settings_.certificate_files.empty())
        skipped_.push_back(certificate.path + " fits no key file that can be used");
      return false;
    }
    const auto key = certified(identity->key.get(), certificate);
    return try_key(key.get(), certificate.path, certificate.base64);
  }

  /// The private key with the certificate at it.
  static KeyHandle certified(ssh_key key, const CertificateFile& certificate) {
    ssh_key raw = nullptr;
    if (ssh_pki_import_cert_file(certificate.path.c_str(), &raw) != SSH_OK)
      throw Error(ErrorClass::settings, "certificate " + certificate.path + " is of a kind that libssh " +
                                            ssh_version(0) + " does not know");
    const KeyHandle public_part(raw);
    KeyHandle both(ssh_key_dup(key));
    if (!both || ssh_pki_copy_cert_to_privkey(public_part.get(), both.get()) != SSH_OK)
      throw std::bad_alloc();
    return both;
  }

  bool try_key(ssh_key key, const std::string& path, const std::string& public_base64) {
    if (is_in([&] { return ssh_userauth_publickey(session(), nullptr, key); })) {
      taken_ = path;
      return true;
    }
    refused_.push_back(path);
    if (!public_base64.empty()) choice_.hidden.push_back(public_base64);
    return false;
  }

  bool try_agent() {
    const auto path = agent_path(settings_);
    if (path.empty()) {
      agent_ = settings_.identity_agent == "none" ? "IdentityAgent is none" : "there is no agent";
      return false;
    }
    choice_.only_first = settings_.identities_only;
    const auto relay = AgentRelay::connect(path, choice_, deadline_);
    if (!relay) {
      agent_ = "no agent answers at " + path;
      return false;
    }
    if (ssh_set_agent_socket(session(), relay->take_socket()) != SSH_OK) throw std::bad_alloc();
    agent_ = settings_.identities_only ? "the agent has none of the configured keys that is taken"
                                       : "the agent has no key that is taken";
    const bool in = is_in([this] { return ssh_userauth_agent(session(), nullptr); });
    if (!in && std::chrono::steady_clock::now() >= deadline_)
      throw Error(ErrorClass::timed_out, "no answer from the agent at " + path);
    if (in) taken_ = "a key of the agent";
    return in;
  }

  std::string failure_text() {
    const auto& problems = skipped_.empty() ? missing_ : skipped_;
    std::string text;
    if (!refused_.empty()) {
      text = "server refuses the key" + std::string(refused_.size() > 1 ? "s " : " ") + join(refused_);
      hint_ = "check authorized_keys of user " + settings_.user + " there";
      if (!skipped_.empty()) text += ", " + join(skipped_);
    } else {
      if (!locked_.empty()) hint_ = "load it into the agent: ssh-add " + locked_;
      text = "no key to show: " + (problems.empty() ? "no IdentityFile is set" : join(problems));
    }
    return text + ", and " + agent_;
  }

  const Connection& connection_;
  const Settings& settings_;
  Deadline deadline_;
  AgentRelay::Choice choice_;
  std::vector<Identity> identities_;
  std::vector<std::string> refused_, skipped_, missing_;
  std::string agent_, hint_, locked_;
  std::string taken_; ///< what the server took
};

} // namespace

std::string authenticate(const Connection& connection, const Settings& settings, Deadline deadline) {
  return Attempt(connection, settings, deadline).run();
}

} // namespace ssh
