// Package simulator is Telegram without Telegram: a Bot API server, the people
// who talk to the bot through it, and a mail sink.
//
// A bot under test is pointed at the server's URL and at the sink's address and
// notices no difference; the test, the benchmark or the demo plays the people:
//
//	tg := simulator.Start(simulator.Options{Token: "42:secret"})
//	defer tg.Close()
//	mail := simulator.StartMail(simulator.MailOptions{})
//	defer mail.Close()
//	// … start the bot with tg.URL(), its token and mail.Addr() …
//	anna := tg.Person("Анна", "Иванова").Chat().Must(t)
//	anna.Send("/start")
//	anna.AwaitText("Здравствуйте")
//	anna.Press("Согласен")
//
// # Strictness
//
// The server is strict on purpose. It refuses what Telegram refuses, in
// Telegram's words: a body without parts, markup that does not parse, callback
// data of 65 bytes, an edit that changes nothing, a message to a person who
// never pressed Start, a thirty-first message within a second, the deletion of a
// message of two days, a webhook on port 8080. It forgets what Telegram forgets:
// updates that were confirmed, button presses of which nobody heard for 150
// seconds, every message id after a group became a supergroup. And it fails on
// demand as Telegram and the network fail: see [Fault], [Refusals] and [Relay].
//
// In one thing it is stricter: parameters that Bot API 10.3 does not know and
// values of a wrong type, which Telegram passes over or reads as nothing, are
// refused in words that begin with "simulator:", and remembered ([Telegram.Mistakes]).
// The table is spec.txt; a test holds it against npm's @grammyjs/types.
//
// What tests may want otherwise is an option with a name that says so:
// [Options.LoopbackWebhooks], [Options.EagerPolls], [Options.ConflictPause].
//
// The package imports no other package of the project. It knows the bot only
// through the Bot API (https://core.telegram.org/bots/api) and SMTP (RFC 5321),
// so it can test any build of it.
//
// # The page
//
// A [Page] shows all of it in a browser: phones, the group, the mailboxes and
// what can go wrong. Its files are in web, plain JavaScript without a build
// step; what it has to know of the program comes in through [Backstage].
//
// # Time
//
// Dates, expiry and limits follow [Options.Now], which may be a [Clock] that a
// test or the demo moves. Waiting (the timeout of a long poll, the patience of
// an Await) always takes real time. Within a testing/synctest bubble use
// [Options.InMemory] and [MailOptions.InMemory]: the connections are then
// net.Pipe pairs and the bubble's time is both.
//
// # Concurrency
//
// Everything exported may be called from any goroutine. One mutex guards the
// whole simulated world, so what a person sees is always one moment of it.
// Every goroutine is started by a Telegram or a Mail and ended by its Close.
package simulator
