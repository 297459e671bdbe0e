package simulator

import "strings"

// method is one row of the table of Bot API methods. It runs with the world
// locked, unless it waits; then it locks itself.
type method struct {
	name  string
	run   func(*Telegram, *request) (any, error)
	waits bool
}

// methods are the methods that the server knows, by name in lower case, since
// Telegram does not look at the case (https://core.telegram.org/bots/api#available-methods).
// All others are answered 404.
var methods = methodTable(
	method{"getMe", (*Telegram).getMe, false},
	method{"logOut", (*Telegram).logOut, false},
	method{"close", (*Telegram).closeBot, false},
	method{"getUpdates", (*Telegram).getUpdates, true},
	method{"setWebhook", (*Telegram).setWebhook, false},
	method{"deleteWebhook", (*Telegram).deleteWebhook, false},
	method{"getWebhookInfo", (*Telegram).getWebhookInfo, false},

	method{"sendMessage", (*Telegram).sendMessage, false},
	method{"sendPhoto", (*Telegram).sendFile, false},
	method{"sendDocument", (*Telegram).sendFile, false},
	method{"sendVideo", (*Telegram).sendFile, false},
	method{"sendVoice", (*Telegram).sendFile, false},
	method{"sendAudio", (*Telegram).sendFile, false},
	method{"sendAnimation", (*Telegram).sendFile, false},
	method{"sendVideoNote", (*Telegram).sendFile, false},
	method{"sendSticker", (*Telegram).sendFile, false},
	method{"sendLocation", (*Telegram).sendLocation, false},
	method{"sendContact", (*Telegram).sendContact, false},
	method{"sendMediaGroup", (*Telegram).sendMediaGroup, false},
	method{"copyMessage", (*Telegram).copyMessage, false},
	method{"copyMessages", (*Telegram).copyMessages, false},
	method{"forwardMessage", (*Telegram).forwardMessage, false},
	method{"forwardMessages", (*Telegram).forwardMessages, false},
	method{"sendChatAction", (*Telegram).sendChatAction, false},
	method{"setMessageReaction", (*Telegram).setMessageReaction, false},
	method{"getFile", (*Telegram).getFile, false},

	method{"editMessageText", (*Telegram).editMessageText, false},
	method{"editMessageCaption", (*Telegram).editMessageCaption, false},
	method{"editMessageMedia", (*Telegram).editMessageMedia, false},
	method{"editMessageReplyMarkup", (*Telegram).editMessageReplyMarkup, false},
	method{"deleteMessage", (*Telegram).deleteMessage, false},
	method{"deleteMessages", (*Telegram).deleteMessages, false},
	method{"pinChatMessage", (*Telegram).pinChatMessage, false},
	method{"unpinChatMessage", (*Telegram).unpinChatMessage, false},
	method{"answerCallbackQuery", (*Telegram).answerCallbackQuery, false},

	method{"setMyCommands", (*Telegram).setMyCommands, false},
	method{"getMyCommands", (*Telegram).getMyCommands, false},
	method{"deleteMyCommands", (*Telegram).deleteMyCommands, false},
	method{"setMyName", (*Telegram).describe, false},
	method{"getMyName", (*Telegram).described, false},
	method{"setMyDescription", (*Telegram).describe, false},
	method{"getMyDescription", (*Telegram).described, false},
	method{"setMyShortDescription", (*Telegram).describe, false},
	method{"getMyShortDescription", (*Telegram).described, false},
	method{"setChatMenuButton", (*Telegram).setChatMenuButton, false},
	method{"getChatMenuButton", (*Telegram).getChatMenuButton, false},

	method{"getChat", (*Telegram).getChat, false},
	method{"getChatMember", (*Telegram).getChatMember, false},
	method{"getChatAdministrators", (*Telegram).getChatAdministrators, false},
	method{"getChatMemberCount", (*Telegram).getChatMemberCount, false},
	method{"leaveChat", (*Telegram).leaveChat, false},
)

func methodTable(rows ...method) map[string]method {
	table := make(map[string]method, len(rows))
	for _, m := range rows {
		table[strings.ToLower(m.name)] = m
	}
	return table
}
