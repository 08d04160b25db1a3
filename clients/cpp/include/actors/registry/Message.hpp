#pragma once

#include <cstddef>
#include <string>
#include <utility>

namespace actors::registry {

/// What one actor says to another. A message class says what it is called and what is in it:
///
///     struct Order : Message {
///       explicit Order(int number) : number(number) {}
///       std::string message_type() const override { return "Order"; }
///       std::string json() const override { return "{\"number\":" + std::to_string(number) + "}"; }
///       int number;
///     };
class Message {
public:
  Message() = default;
  virtual ~Message() = default;

  /// Its name, by which the receiver tells messages apart.
  [[nodiscard]] virtual std::string message_type() const = 0;
  /// Its fields: one JSON object, UTF-8, as any JSON library writes it.
  [[nodiscard]] virtual std::string json() const = 0;

protected:
  /// Copied only as part of a class derived from it.
  Message(const Message&) = default;
  /// As above.
  Message& operator=(const Message&) = default;
};

/// Bytes of a message on its way, with its sender and receiver. Over 1 MiB it is not sent, and a receiver
/// ends the connection over which it comes.
inline constexpr std::size_t largest_message = 1024UL * 1024;

/// A message as it arrives (docs/protocol.md, "As an actor"). Texts that it lacks are empty.
struct Envelope {
  std::string sender_actor;    ///< who sent it
  std::string sender_endpoint; ///< where an answer reaches the sender; empty: it wants none
  std::string receiver;        ///< the actor that it is for
  std::string message_type;    ///< what `message` is, as Message::message_type() has it
  std::string message;         ///< its fields, a JSON object
};

/// Who sends messages: what a receiver finds in `sender_actor` and `sender_endpoint`.
class Actor {
public:
  /// \param endpoint where the actor's messages go, so that it can be answered; empty: it can't.
  explicit Actor(std::string name, std::string endpoint = {})
      : name_(std::move(name)), endpoint_(std::move(endpoint)) {}
  virtual ~Actor() = default;
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

  /// What the actor is registered as.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Where it is answered; may be empty.
  [[nodiscard]] const std::string& endpoint() const noexcept { return endpoint_; }

private:
  std::string name_;
  std::string endpoint_;
};

} // namespace actors::registry
