// Package e2e holds the tests of the whole program. They start it as production
// does, between a simulated Telegram and a simulated mail relay, and look at
// nothing but what people, servers and operators see.
package e2e
