package mailer

import (
	"errors"
	"fmt"
	"net/textproto"
	"slices"
	"strings"
)

// A relay that knows delivery status notifications (RFC 3461) is asked to tell
// of each letter what became of it, with the outbox's key in the notification
// and without the letter itself in it: the body has personal data and files.

// mail names the sender; key is that of the letter's row.
func (c *session) mail(from, key string) error {
	c.enter(StageMail)
	parameters := ""
	if _, offered := c.offers["DSN"]; offered {
		parameters = " RET=HDRS"
		if id := xtext(key); id != "" && len(id) <= envidMost {
			parameters += " ENVID=" + id
		}
	}
	return c.withParameters("MAIL FROM:<"+from+">", parameters)
}

// rcpt names the recipient.
func (c *session) rcpt(to string) error {
	c.enter(StageRcpt)
	parameters := ""
	if _, offered := c.offers["DSN"]; offered {
		parameters = " NOTIFY=SUCCESS,FAILURE,DELAY"
	}
	return c.withParameters("RCPT TO:<"+to+">", parameters)
}

// withParameters gives a command, and again without its parameters when the
// server turns out not to like them: a letter matters more than a notification.
func (c *session) withParameters(command, parameters string) error {
	_, _, err := c.wire.command(2, command+parameters)
	if parameters != "" && refusesParameters(err) {
		delete(c.offers, "DSN")
		_, _, err = c.wire.command(2, command)
	}
	return err
}

// refusesParameters says that a refusal is about how a command was written.
func refusesParameters(err error) bool {
	reply := (*textproto.Error)(nil)
	return errors.As(err, &reply) &&
		(slices.Contains([]int{500, 501, 502, 504, 555}, reply.Code) || strings.HasPrefix(reply.Msg, "5.5.4"))
}

// envidMost is the longest envelope id that servers must take (RFC 3461, 5.4).
const envidMost = 100

// xtext writes what a parameter may hold (RFC 3461, 4).
func xtext(text string) string {
	var b strings.Builder
	for k := range len(text) {
		if c := text[k]; c > ' ' && c < 0x7f && c != '+' && c != '=' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "+%02X", c)
		}
	}
	return b.String()
}
