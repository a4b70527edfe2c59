// Package sms hands text messages to a Twilio-compatible provider, and says of
// every failure whether the message may have been accepted. It also knows what
// a phone number is.
package sms
