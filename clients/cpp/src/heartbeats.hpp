#pragma once

#include "clients/cpp/src/connection.hpp"
#include "clients/cpp/src/notices.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace actors::registry {

/// Sends heartbeats on a thread, context and socket of its own, so that nothing else delays one, and one
/// without an answer never blocks the next. The thread is an owner, too: what it works with may be let go of
/// within its own notices.
class Heartbeats : public std::enable_shared_from_this<Heartbeats> {
public:
  /// Takes a request, as Connection::ask() does.
  using Ask = std::function<std::optional<Json>(std::string)>;
  struct Work {
    std::function<Json()> request;                 ///< the next heartbeat
    std::function<void(const Json&)> acknowledged; ///< a HeartbeatAck has come
    /// What else is to be said to the registry. Called after each acknowledgement and about every 100 ms
    /// while it returns true, with the means to ask: a reply, or none within a second.
    std::function<bool(const Ask&)> repair;
    std::function<void(const Notice&)> notice;
  };

  static constexpr std::chrono::milliseconds usual_interval{2000};

  /// \throws RegistryError where an endpoint can't be one, or there is no descriptor or thread left for it.
  static std::shared_ptr<Heartbeats> start(std::vector<std::string> endpoints, CurveKeys keys,
                                           std::chrono::milliseconds interval, Work work);
  /// After end().
  ~Heartbeats();
  Heartbeats(const Heartbeats&) = delete;
  Heartbeats& operator=(const Heartbeats&) = delete;

  /// Ends the thread; waits for it, but on the thread itself, which sends nothing any more and ends when its
  /// notice has been heard. From any thread, more than one at a time too.
  void end();
  /// Whether the caller is the thread of these heartbeats.
  [[nodiscard]] bool is_own_thread() const noexcept;

private:
  Heartbeats(std::vector<std::string> endpoints, CurveKeys keys, std::chrono::milliseconds interval,
             Work work);
  void run();
  void send_next();
  void reopen();
  void wait(Clock::time_point until);
  void rest(Clock::time_point until);
  /// \returns whether there were any.
  bool read_replies();
  void take(const Json& reply);
  std::optional<Json> ask(std::string request);

  std::vector<std::string> endpoints_;
  CurveKeys keys_;
  const std::chrono::milliseconds interval_;
  Work work_;
  zmq::context_t context_ = new_context();
  std::size_t endpoint_ = 0;
  std::unique_ptr<Dealer> dealer_;
  int wake_;
  std::atomic<bool> stopping_ = false;

  Clock::time_point next_;
  std::uint64_t last_id_ = 0;
  std::uint64_t answered_id_ =
      0; ///< of the latest heartbeat that was answered; those before it count as answered
  int unanswered_ = 0;
  std::string refusal_; ///< what was said in place of an acknowledgement
  bool silent_ = false; ///< and that it is has been said
  bool repairing_ = false;
  std::optional<Json> asked_; ///< the reply that ask() waits for
  std::uint64_t asked_id_ = 0;
  std::thread thread_;
  std::mutex ending_; ///< held by who waits for the thread
};

} // namespace actors::registry
