package telegram

import (
	"regexp"
	"strings"
)

// timeMark marks a time (Bot API 9.5, date_time entity).
var timeMark = regexp.MustCompile(`</?tg-time[^>]*>`)

// forgetTimes notes that the server could not read a text with marked times: an
// older one of one's own does not know them. It is false when there was none.
func (c *Client) forgetTimes(html string) bool {
	if !strings.Contains(html, "<tg-time") {
		return false
	}
	if !c.noTimes.Swap(true) {
		c.log.Warn("the Bot API server is older than 9.5: times are shown in TIMEZONE only")
	}
	return true
}

// known is HTML without what the server does not know.
func (c *Client) known(html string) string {
	if !c.noTimes.Load() {
		return html
	}
	return timeMark.ReplaceAllString(html, "")
}
