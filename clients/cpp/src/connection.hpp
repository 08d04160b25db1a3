#pragma once

#include "clients/cpp/src/dealer.hpp"
#include "clients/cpp/src/making_process.hpp"
#include "clients/cpp/src/repetition.hpp"
#include "clients/cpp/src/reply_text.hpp"
#include "clients/cpp/src/zmq_calls.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <nlohmann/json.hpp>

namespace actors::registry {

using Json = nlohmann::json;

/// "registry tcp://a:1 does not answer within 5 s", with all endpoints where there are several.
std::string no_answer(const std::vector<std::string>& endpoints, std::chrono::milliseconds timeout);

/// All of a reply.
Json whole(const ReplyText& reply);

/// The reply in `text`, or none where it is no JSON object.
std::optional<Json> parse_reply(const std::string& text);

/// As a text for the wire. \throws RegistryError where a string is no UTF-8.
std::string request_text(const Json& request);

/// Gives the request, a JSON object with a member at least, an id.
void add_id(std::string& request, std::uint64_t id);

/// Request and reply, one at a time, over a list of endpoints: the last good one is asked first, the others
/// join it one by one while there is no answer, and the first answer wins. A request that is not answered is
/// sent again over the same sockets: a registry that was restarted has lost what it took last. One thread at
/// a time.
class Connection {
public:
  /// \throws RegistryError where the list is empty, or the process has no descriptor left.
  Connection(std::vector<std::string> endpoints, CurveKeys keys);

  /// The reply to this request: one that carries its id. It may be an Error or a RegistrationFailed. Good
  /// until the next call.
  /// \param request without an id, as add_id() takes it.
  /// \param timeout what the caller was promised, for the message; the call ends at `deadline`.
  /// \param repeat whether it is sent again while there is no answer.
  /// \throws TimeoutError, KeyNotAcceptedError, HandshakeFailedError, after which the sockets are new;
  /// RegistryError, also in a forked child.
  const ReplyText& ask(std::string request, Clock::time_point deadline, std::chrono::milliseconds timeout,
                       Repeat repeat = Repeat::yes);
  /// The same for who wants all of it.
  Json call(const Json& request, Clock::time_point deadline, std::chrono::milliseconds timeout);

  /// Asked about every 50 ms during calls; true ends them as their deadline does.
  void cancel_when(std::function<bool()> cancelled) { cancelled_ = std::move(cancelled); }

  [[nodiscard]] const std::vector<std::string>& endpoints() const noexcept { return endpoints_; }
  [[nodiscard]] const CurveKeys& keys() const noexcept { return keys_; }
  /// The one that answered last.
  [[nodiscard]] const std::string& good_endpoint() const noexcept { return endpoints_[good_]; }

private:
  struct Attempt {
    std::size_t endpoint;
    std::unique_ptr<Dealer> dealer;
  };

  void ask_next(std::vector<Attempt>& attempts, std::size_t endpoint, const std::string& text);
  static void ask_again(std::vector<Attempt>& attempts, const std::string& text);
  /// Until then, or until no answer can come any more. \returns whether reply_ is the answer by now.
  bool wait(std::vector<Attempt>& attempts, Clock::time_point until);
  bool take_arrived(std::vector<Attempt>& attempts);
  bool take(Attempt& attempt, std::string text);
  static std::vector<const Attempt*> latest(const std::vector<Attempt>& attempts);
  static bool are_over(const std::vector<Attempt>& attempts);
  [[noreturn]] void throw_no_answer(const std::vector<Attempt>& attempts,
                                    std::chrono::milliseconds timeout) const;

  MakingProcess process_;
  zmq::context_t context_ = new_context();
  std::vector<std::string> endpoints_;
  CurveKeys keys_;
  std::size_t good_ = 0;
  std::unique_ptr<Dealer> dealer_; ///< to endpoints_[good_], kept between calls; empty after a failure
  std::uint64_t last_id_ = 0;
  ReplyText reply_;
  std::function<bool()> cancelled_; ///< may be empty
};

} // namespace actors::registry
