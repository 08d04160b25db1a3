#pragma once

#include "actors/registry/CurveKeys.hpp"
#include "actors/registry/errors.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace actors::registry {

/// A change in the registry, or a tick (docs/protocol.md, "Events"). Texts that an event does not have are
/// empty.
struct RegistryEvent {
  std::string event;           ///< `registered`, `offline`, `tick`, …; others may come to be
  std::string run;             ///< of the registry: another at each of its starts
  std::uint64_t seq = 0;       ///< from 1, without gaps within a run
  std::string epoch;           ///< as RegistryStatus has it
  std::string time;            ///< RFC 3339, the registry's clock
  std::string actor_name;      ///< where it is about an actor
  std::string manager_id;      ///< the manager that it is about, or whose the actor is
  std::string endpoint;        ///< of `registered`, `endpoint_changed`, `taken_over`: the present one
  std::string from_manager_id; ///< of `taken_over`: who had the name
  std::string instance;        ///< of `superseded`: the new one
  bool expected = false;       ///< of `offline` and `goodbye`: it was planned
  std::string reason;          ///< and why
};

/// What was listed before may be out of date by now: list again.
struct ListAgain {
  /// What makes it so.
  enum class Why : std::uint8_t {
    subscribed, ///< from here on nothing is missed; also when a silence has ended
    lost,       ///< events are missing
    restarted,  ///< the registry has started anew
    silent,     ///< nothing is heard of it; it is tried again until it is
  };
  Why why = Why::subscribed; ///< the reason
};

/// Follows a registry's changes. One thread at a time, and not in a forked child, where calls throw
/// RegistryError.
///
/// Who needs a complete picture subscribes to everything, lists (RegistryQuery) whenever ListAgain comes (it
/// is the first thing that does), and applies the events in between; those that were published before the
/// list was made repeat what stands in it. With topics only, events that get lost can't be counted: ask again
/// with each tick, which comes every second.
class RegistryEvents {
public:
  /// Asks the registry at one of its endpoints, as RegistryQuery does, where it publishes.
  /// \param topics `actor/NAME`, `manager/ID`, `actor/` for all actors, `manager/` for all managers; none at
  /// all: everything. Ticks come with every choice.
  /// \throws EventsOffError, TimeoutError, RegistryError.
  explicit RegistryEvents(std::vector<std::string> endpoints, std::vector<std::string> topics = {},
                          std::chrono::milliseconds timeout = std::chrono::seconds(5),
                          CurveKeys keys = CurveKeys::from_environment());
  /// What was moved from may only be destroyed or assigned to.
  RegistryEvents(RegistryEvents&&) noexcept;
  /// As above.
  RegistryEvents& operator=(RegistryEvents&&) noexcept;
  ~RegistryEvents();

  /// A topic more, where there were any. Nothing happens where it is subscribed to already.
  void subscribe(const std::string& topic);

  /// What next() has.
  using Next = std::variant<std::monostate, RegistryEvent, ListAgain>;
  /// What came next; nothing (monostate) where nothing has come by the deadline, or a signal was caught.
  /// After 3 s of waiting in vain it is ListAgain `silent`, and from then on the registry is asked again
  /// where it publishes. \throws EventsOffError where it has stopped to; KeyNotAcceptedError and
  /// HandshakeFailedError where it does not let this client listen; RegistryError.
  Next next(std::chrono::steady_clock::time_point deadline);

private:
  struct State;
  std::shared_ptr<State> state_;
};

} // namespace actors::registry
