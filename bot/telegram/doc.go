// Package telegram speaks the Bot API: updates are decoded, messages sent within
// Telegram's limits, answers classified by what they mean for what was sent.
//
// All that is sent goes through Client.Deliver, which waits for the limits,
// sends, classifies the answer (Result), holds back a chat that Telegram wants
// held back, follows the support group to its new id, and notes whether the
// group and Telegram itself take messages.
package telegram
