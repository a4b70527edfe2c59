package reply

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Replies in the manner of real ones, by the side that is at fault; each line is a word family
// that servers use at RCPT or after, where a careless reading blames the recipient.
var byFault = map[Verdict]string{
	AccountError: `
rcpt 450 WM:BLU
mail 553 Requested action not taken: NULL sender is not allowed
rcpt 553 Requested action not taken: Local user only
mail 553 Requested action not taken: no smtp MX only
mail 501 Bad address syntax
mail 501 x@y.example: sender address must contain a domain
auth 503 AUTH command used when not advertised
mail 501 5.1.7 Bad sender address syntax
rcpt 504 5.5.2 <x>: Sender address rejected: need fully-qualified address
rcpt 450 4.7.1 <x>: Helo command rejected: Host not found
rcpt 550 5.7.27 <x@y.example>: Sender address rejected: Domain y.example does not accept mail (nullMX)
mail 501 Invalid MAIL FROM address provided
mail 550 Unauthenticated senders not allowed
mail 550 The sender domain y.example is not verified on this account
rcpt 550 relaying denied for <ada@x.example>
rcpt 451 Open relay not allowed
rcpt 550 Open relay not allowed
rcpt 550 Submitter failed to authenticate
rcpt 550 SPF Sender Invalid - envelope rejected
rcpt 550 DKIM Sender Invalid - envelope rejected
rcpt 550 DMARC Sender Invalid - envelope rejected
auth 535 Incorrect Authentication Data
dot 550 5.7.1 Message blocked: your account was disabled by our abuse team
mail 550 Mailfrom domain not configured for this account
mail 550 User x@y.example is locked
mail 450 4.7.1 Account temporarily suspended, contact support@provider.example
rcpt 554 5.7.1 Service refused: sender account has unpaid invoices
rcpt 550 IONOS: Your mailbox is blocked for sending. Please change your password
dot 550 5.7.1 Spam detected from your account; sending is blocked, please change your password
auth 535 5.7.139 Authentication unsuccessful, the user credentials were incorrect. [AM0PR10CA0001.EURPRD10.PROD.OUTLOOK.COM]
auth 535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [LO4P123CA0001.GBRP123.PROD.OUTLOOK.COM]
auth 535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator.
auth 535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully. Contact your administrator.
auth 535 5.7.139 Authentication unsuccessful, account is locked
auth 550 5.7.30 Basic authentication is not supported for Client Submission.
auth 534 5.7.14 <https://accounts.google.com/signin/continue?sarp=1> Please log in via your web browser and then try again.
auth 535-5.7.1 Please log in with your web browser and then try again. Learn more at https://support.google.com/mail/bin/answer.py?answer=78754
auth 535 5.0.0 (#AUTH005) Too many bad auth attempts.
auth 535 5.7.0 (#AUTH012) Your account has been suspended
auth 535 Login fail. Service is not open in SMTP. 
auth 535 Login Fail. Account is abnormal, service is not open, password is incorrect, login frequency limited, or system is busy. More information at https://help.mail.qq.com/detail/108/1023
auth 550 User has no permission
auth 550 User suspended
auth 526 Authentication failure[0]
auth 535 Error: authentication failed
auth 535 5.7.8 Error: authentication failed: Invalid user or password!
auth 535 5.7.8 Error: authentication failed: This user does not have access rights to this service
auth 454 4.7.0 Relay access denied, account suspended
auth 535 Authentication credentials invalid
auth 535 Incorrect authentication data
auth 435 Unable to authenticate at present: account suspended
auth 535 5.7.8 Bad username / password
auth 525 5.7.3 Account disabled
auth 535 Authentication failed: account has been disabled, contact support
auth 535 Authentication failed: The provided authorization grant is invalid, expired, or revoked
auth 535 Account is locked because of overdue payment
auth 525 5.7.1 Unauthorized IP address
auth 534 5.7.9 Please use an app password
auth 535 5.7.1 User not allowed: too many failed logins, account locked
auth 535 5.7.8 Sender identity not verified
auth 504 5.5.4 Unrecognized authentication type
auth 503 5.5.1 AUTH command not available
auth 502 5.5.1 Command not implemented
auth 500 5.3.3 Unrecognized command
auth 538 5.7.11 Encryption required for requested authentication mechanism
mail 550 5.7.60 SMTP; Client does not have permissions to send as this sender
dot 550 5.7.60 SMTP; Client does not have permissions to send as this sender
dot 554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message due to a permanent exception with message Cannot submit message.
dot 554 5.2.0 STOREDRV.Submission.Exception:AccountDisabledException.MapiExceptionAccountDisabled
dot 554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; Failed to process message due to a permanent exception with message WASCL UserAction verdict is not None. Actual verdict is Suspend, ShowTierUpgrade.
dot 554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; Failed to process message due to a permanent exception with message WASCL UserAction verdict is not None. Actual verdict is Refuse, ShowTierUpgrade.
dot 554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; Failed to process message due to a permanent exception with message WASCL UserAction verdict is not None. Actual verdict is HipSend, ShowTierUpgrade.
dot 550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP. For more information please go to http://go.microsoft.com/fwlink/?LinkId=526653 AS(7230)
dot 550 5.7.705 Access denied, tenant has exceeded threshold
dot 550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains
dot 550 5.7.501 Access denied, spam abuse detected
dot 550 5.1.8 Access denied, bad outbound sender AS(43001)
rcpt 550 5.7.64 TenantAttribution; Relay Access Denied
rcpt 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain
rcpt 550 5.7.1 Unable to relay
rcpt 530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM
mail 530 5.7.57 Client not authenticated to send mail. [AS8PR05CA0001.eurprd05.prod.outlook.com]
mail 451 5.7.3 STARTTLS is required to send mail
rcpt 553 5.1.3 The sender address <x> is not a valid RFC-5321 address
mail 553 5.1.7 The sender address <foo@> is not a valid RFC 5321 address. gsmtp
rcpt 550 5.7.23 The message was rejected because of Sender Policy Framework violation -> 550 5.7.23 SPF validation failed
mail 550 5.7.1 SPF unauthorized mail is prohibited.
rcpt 550 SPF: 198.51.100.7 is not allowed to send mail from example.com
rcpt 550-[SPF] 198.51.100.7 is not allowed to send mail from example.com. 550 Please see http://www.openspf.org/why.html
rcpt 550 SPF check failed
rcpt 550 Sender verify failed
rcpt 550-Verification failed for <a@b.example> 550-No Such User Here 550 Sender verify failed
rcpt 550-Verification failed for <a@b.example>\n550-Unrouteable address\n550 Sender verify failed
rcpt 550 Could not complete sender verify
rcpt 550 Sender domain is not valid
rcpt 553 sorry, your envelope sender domain must exist (#5.7.1)
rcpt 553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)
rcpt 553 sorry, that domain isn't in my list of allowed rcpthosts; no valid cert for gatewaying (#5.7.1)
rcpt 553 sorry, your mailbox must be authenticated before sending
rcpt 550 Please authenticate before sending
rcpt 550 authentication is required for relay
rcpt 550 You must authenticate first
rcpt 503 5.5.4 Error: send AUTH command first
mail 503 5.5.1 Error: authentication first
mail 503 Error: need EHLO and AUTH first !
mail 553 Mail from must equal authorized user
mail 553 authentication is required,please use SMTP AUTH
mail 501 Mail from address must be same as authorization user.
mail 501 mail from address must be same as authorization user
mail 553 sender is not same as login user
mail 553 Envelope sender mismatch with login user.
mail 440 mail from account doesn't conform with authentication (Auth Account: x)
dot 440 mail from account doesn't conform with authentication
mail 553 Sender is not allowed to use this address
rcpt 554 5.7.1 <x@y.example>: Sender address rejected: not logged in
rcpt 553 5.7.1 <x@y.example>: Sender address rejected: not owned by user z
rcpt 550 5.1.0 <x@y.example>: Sender address rejected: User unknown in virtual mailbox table
rcpt 550 5.7.1 Sender address rejected: unverified address: host mx.y.example said: 550 5.1.1 user unknown
rcpt 450 4.1.8 <x@y.example>: Sender address rejected: Domain not found
rcpt 504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname
rcpt 550 5.7.1 <foo>: Helo command rejected: You are not me
rcpt 550 5.7.1 Client was not authenticated
mail 554 5.7.1 Access denied: account not active
mail 550 5.7.1 Sending from domain y.example is not allowed: domain not verified
dot 550 5.7.1 Unconfigured Sending Domain <y.example>
dot 554 Message rejected: Email address is not verified. The following identities failed the check in region US-EAST-1: x@y.example
dot 554 Message rejected: Sending paused for this account. For more information, please check the inbox of the email address associated with your AWS account.
mail 530 Authentication required
dot 554 Access denied: User 'arn:aws:iam::1:user/ses' is not authorized to perform 'ses:SendRawEmail' on resource 'arn:aws:ses:us-east-1:1:identity/y.example'
dot 550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.
dot 554 5.7.1 Sandbox subdomains are for test purposes only. Please add your own domain or add the address to authorized recipients in Account Settings.
rcpt 550 5.7.1 The sender domain is not registered with this account
mail 421 Domain not found: y.example is not allowed to send
dot 450 4.7.1 Your account has been temporarily disabled, please contact support
rcpt 451 Account suspended: outgoing mail disabled
rcpt 550 Your account is temporarily blocked from sending due to spam complaints
rcpt 450 4.7.1 Your SMTP account is not activated
rcpt 554 5.7.1 Your account has been blocked from sending mail. Please contact support
dot 554 5.7.1 The account has been locked for security reasons, please reset password
rcpt 554 5.7.8 Error: sender account locked
rcpt 550 Outgoing mail from "x@y.example" has been suspended.
rcpt 550 User x@y.example is not permitted to send mail
rcpt 553 5.7.1 You are not allowed to send from this address
rcpt 550 You are not allowed to send mail. Please contact your hosting provider
rcpt 550 Mail from this user is not allowed
rcpt 550 Your email address has not been verified
rcpt 550 Authentication mechanism not supported, local users only
rcpt 550 Only local users can send
rcpt 550 Invalid MAIL FROM
rcpt 550 mailfrom check failed
rcpt 550 Verify mailfrom failed,blocked
rcpt 550 mail from: domain not verified
rcpt 553 Bad mail from domain
rcpt 550 From domain does not accept bounces
rcpt 550 The sender's mailbox does not exist
rcpt 550 Return path is not reachable
rcpt 550 Backward path unreachable
rcpt 550 Originator address unknown
rcpt 550 Callback verification of your address failed
rcpt 550 Your domain has no MX record
rcpt 550 your domain does not exist
rcpt 550 Absender nicht erlaubt
rcpt 550 Absenderadresse existiert nicht
rcpt 550 Der Absender ist unbekannt
rcpt 550 Adresse d'expediteur invalide
rcpt 550 Mittente non autorizzato
rcpt 550 El remitente no existe
rcpt 550 发件人不存在
rcpt 553 发信人地址与登录用户不一致
rcpt 550 Отправитель не существует
rcpt 550 Bitte authentifizieren Sie sich
rcpt 550 Veuillez vous authentifier
rcpt 550 Se requiere autenticación
rcpt 550 必须先登录
rcpt 550 请先认证
rcpt 550 access to this server requires a valid account
rcpt 553 SMTP access for this account is disabled
rcpt 550 User not allowed to relay
rcpt 550 Not local host there.example, not a gateway
rcpt 550 This mail server requires authentication when attempting to send to a non-local e-mail address. Please check your mail client settings or contact your administrator to verify that the domain or address is defined for this server.
rcpt 530 SMTP authentication is required.
rcpt 550 Delivery is not allowed to this address.
dot 552 Your account has been suspended. Please contact us to reactivate
auth 550 5.7.1 Your account has been disabled. Please contact support
rcpt 550 This account is not allowed to send mail outside the local domain
rcpt 550 5.7.1 Account x@y.example is not enabled for external mail
rcpt 550 outgoing mail blocked for this mailbox
rcpt 550 5.7.1 Outbound mail for this user is suspended, password compromised
rcpt 535 5.7.8 authentication required to send mail to external domains
rcpt 553 5.7.1 Sender address does not belong to logged in user
rcpt 550 5.7.1 Sender domain y.example is not hosted here
rcpt 550 Sender address is not a local user
rcpt 550 From address not allowed for this user
rcpt 550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)
rcpt 550 "HELO/EHLO argument is not a FQDN"
rcpt 550 Unknown sender domain
rcpt 550 Domain of sender does not exist
rcpt 550-The sender address is invalid or its domain has no MX
rcpt 553 sender domain not found in DNS
rcpt 550 Sender callout verification failed
rcpt 550 Callback setup failed while verifying <x@y.example>
rcpt 550 Could not verify sender address x@y.example
rcpt 550 Sender Denied
rcpt 550-Sender has no A, AAAA, or MX DNS records.
rcpt 550 mail server permanently rejected message: SPF MAIL FROM check failed
rcpt 550 Mail from domain without DKIM is not accepted
rcpt 550 5.7.1 DMARC failure for domain y.example, policy reject
rcpt 451 4.7.5 Sender authentication failed: SPF fail
rcpt 550 The return address of this message cannot be used to reply
rcpt 550 Reverse path verification failed
rcpt 550 5.1.7 Invalid address of sender
rcpt 550 SMTP service is disabled on your account
rcpt 550 You need to verify your email address before sending
rcpt 550 Please activate your account
rcpt 550 Trial expired, sending disabled
rcpt 550 your subscription has expired
rcpt 550 Not authenticated
rcpt 550 5.7.1 Need authentication
rcpt 550 Please log on first
rcpt 550 No valid login found
rcpt 550 must check for new mail before sending
rcpt 550 Only authenticated users may send mail
rcpt 550 5.7.0 Must be authenticated to send from y.example
rcpt 554 5.7.0 Your message could not be sent. The limit on failed logins was reached; account locked
rcpt 550 Konto für den Versand gesperrt
rcpt 550 Der Mailversand ist für dieses Postfach gesperrt
rcpt 550 Votre compte est bloqué pour l'envoi
rcpt 550 Envoi refusé: adresse d'expéditeur non autorisée
rcpt 553 请求的操作未被允许:发信人不存在
rcpt 550 用户被锁定,禁止发信
rcpt 550 Отправка писем для вашего аккаунта заблокирована
rcpt 550 Cuenta de envío suspendida
rcpt 550 L'account mittente è bloccato
auth 535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6
auth 535-5.7.8 Username and Password not accepted
auth 535 5.7.3 Authentication unsuccessful
auth 554 5.7.1 Access denied
auth 501 5.5.2 Cannot decode response
auth 421 Authentication failed, your account is blocked
auth 454 4.7.1 Account blocked, contact support
`,
	AccountLimit: `
dot 451 RP:QRC
dot 550 RP:TRC
dot 554 MI:STC
rcpt 550 Requested mail action not taken: too much recipient
auth 554 IP is rejected, smtp auth error limit exceed
rcpt 550 Sender frequency limited. http://service.mail.qq.com/
rcpt 550 Domain frequency limited
rcpt 452 Too many recipients received this hour
rcpt 550 Message limit exceeded
mail 421 4.7.28 y.example daily sending quota exceeded
rcpt 450 Requested mail action not taken: mailbox unavailable\nRate limit exceeded: too many mails from your account
dot 554 5.7.1 Ratelimit "user_ratelimit" exceeded
dot 451 4.7.1 Ratelimit exceeded
rcpt 450 4.7.1 OVH: Too many mails sent from this account in the last hour
auth 421 4.7.0 Too many login attempts
auth 535 Login fail. Account login frequency limited
auth 451 4.7.0 Too many authentication failures, try again in 15 minutes
auth 421 Too many failed login attempts from your IP, try later
dot 550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients
dot 550 5.7.233 - Your message can't be sent because your tenant exceeded its daily limit for sending email to external recipients (tenant external recipient rate limit)
dot 550 5.7.232 - Your message can't be sent because your trial tenant has exceeded its daily limit for sending email to external recipients
dot 550 5.2.2 Submission quota exceeded for sender, message cannot be sent
dot 550 5.4.5 Daily SMTP relay sending limit exceeded for user. For more information on SMTP relay sending limits please contact your administrator or review https://support.google.com/a/answer/166852
dot 550 5.7.1 Daily SMTP relay limit exceeded for customer
rcpt 450 4.7.1 <a@b.example>: Recipient address rejected: Policy Rejection- Quota Exceeded
rcpt 450 4.7.1 Policy rejection: rate limit exceeded
rcpt 554 5.7.1 <a@b.example>: Recipient address rejected: Policy Rejection- Sending limit reached
rcpt 554 5.7.1 <a@b.example>: Recipient address rejected: Sender quota exceeded
rcpt 450 4.7.1 <x@y.example>: Sender address rejected: Quota exceeded
rcpt 450 4.7.1 Recipient address rejected: You have exceeded your hourly message limit
rcpt 552 5.2.2 Sender over quota: daily limit reached
rcpt 450 4.7.1 Error: too much mail from 198.51.100.7
rcpt 450 Too many recipient attempts
rcpt 550 Too many recipients in the last hour
rcpt 452 4.5.3 Too many recipients this hour for this sender
rcpt 451 4.7.1 <x@y.example>: Sender address rejected: rate limit
rcpt 550 Message rate exceeded for user
rcpt 421 4.7.0 sent too many messages, slow down
rcpt 550 Domain y.example has exceeded the max emails per hour (150/150 (100%)) allowed. Message discarded.
dot 550 5.7.1 Message rejected: daily quota for this account has been used up
dot 421 Maximum credits exceeded
auth 451 Authentication failed: Maximum credits exceeded
rcpt 554 5.7.1 <x@y.example>: Sender address rejected: you have sent too many emails today
dot 454 Throttling failure: Daily message quota exceeded.
rcpt 550 Requested action not taken: mailbox unavailable\nFailure sending mail. Try again later
rcpt 462 Daily send limit reached. Please try again tomorrow
rcpt 450 4.3.2 Please wait to send more emails, or contact support for a rate limit increase.
rcpt 550 5.7.1 Exceeded sending limits: too many recipients per hour for x@y.example
rcpt 452 4.7.1 Hourly outgoing quota for user x reached
rcpt 450 4.7.1 Client has exceeded the number of messages allowed per hour
dot 554 5.7.1 You have sent more than the allowed number of messages (500) today
mail 451 4.7.1 Sender exceeded allowed message rate
rcpt 552 5.7.1 Message quota exceeded for authenticated user
rcpt 550 5.7.1 Sender is over the limit of 200 recipients per day
rcpt 451 4.7.1 Sending speed too high, slow down
data 451 4.7.1 Message sending rate exceeded
mail 550 Mail sending limits for your domain have been reached
rcpt 554 Sorry, your hosting package allows 250 mails per hour
rcpt 421 4.7.0 Rate limited: maximum 60 recipients per minute per account
auth 421 4.7.0 Maximum number of logins per hour exceeded
dot 550 5.7.1 Maximum daily messages reached for your plan, please upgrade
mail 554 5.7.1 no more credits
dot 451 Free plan monthly limit reached
rcpt 450 4.7.1 <x@y.example>: Sender address rejected: Too many messages, try later
rcpt 550-Your message to ada@x.example has been rejected because you exceeded the hourly limit of 100 mails
rcpt 550 Versandlimit erreicht
rcpt 550 Limite d'envoi atteinte
rcpt 550 发送数量超过限制
rcpt 550 Превышен лимит отправки писем
`,
	HardBounce: `
rcpt 550 Invalid User
rcpt 550 User suspended
rcpt 550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help
rcpt 559 Invalid rcptto [@sm030102]
rcpt 501 ada: recipient address must contain a domain
rcpt 504 5.5.2 <ada>: Recipient address rejected: need fully-qualified address
rcpt 550 5.1.6 <ada@x.example>: Recipient address rejected: User has moved to other@x.example
rcpt 556 5.1.10 <ada@x.example>: Recipient address rejected: Domain x.example does not accept mail (nullMX)
dot 554 5.4.0 Error: too many hops
rcpt 501 Invalid RCPT TO address provided
rcpt 550 Request failed; Mailbox unavailable
rcpt 550 5.1.1 <ada@x.example>: Recipient address rejected: undeliverable address: host mx.x.example[192.0.2.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command)
rcpt 550 5.1.1 Invalid recipient ada@x.example - sender x@y.example not delivered
rcpt 550 5.0.350 Remote server returned an error -> 550 5.1.1 User unknown
rcpt 550 5.4.1 All recipient addresses rejected : Access denied
rcpt 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ada@x.example not found by SMTP address lookup
rcpt 550 5.4.310 DNS domain x.example does not exist
rcpt 550 Unknown user
rcpt 511 5.1.1 unknown address or alias: ada@x.example
rcpt 550 5.1.1 <ada@x.example>: Email address could not be found, or was misspelled (G8)
rcpt 550 5.1.6 Recipient no longer on server
rcpt 550 Invalid recipient (sender verified)
rcpt 550 <ada@x.example> No such user here, sender x@y.example
rcpt 553 5.3.0 <ada@x.example>... Addressee unknown, relay=[192.0.2.1]
rcpt 550 5.1.1 <ada@x.example>... User unknown, client=mail.y.example ip=192.0.2.1
rcpt 550 No such user - psmtp
rcpt 551 User not local; please try <forward-path>
rcpt 551 not our customer
rcpt 550 5.1.1 unknown user (from your server 198.51.100.7)
rcpt 554 5.7.1 <ada@x.example>: Recipient address rejected: user ada@x.example does not exist
rcpt 550 Address unknown
rcpt 550 5.1.1 sorry, no mailbox here by that name (#5.1.1)
rcpt 550 Mailbox is frozen
rcpt 550 5.2.1 The email account that you tried to reach is disabled
rcpt 550 Account disabled
rcpt 550 Recipient rejected
rcpt 550 Requested action not taken: mailbox unavailable
rcpt 550 Utilisateur inconnu
rcpt 550 El buzón del destinatario no existe
rcpt 550 收件人不存在
rcpt 550 Нет такого пользователя
rcpt 550 Mailbox does not exist. If you think this is wrong check the sender's address book
rcpt 550 5.1.1 Address does not exist. Please notify the sender
rcpt 550 5.1.1 User unknown; rejecting mail from sender x@y.example
rcpt 550-Unknown user. Your message was not delivered.
rcpt 550 Unknown recipient. Please check your address book and verify your recipient
rcpt 550 mailbox is disabled, contact the recipient by other means
rcpt 550 5.2.1 The account has been closed by its owner
rcpt 550 that user does not have an account here, authentication will not help
rcpt 554 5.7.1 <ada@x.example>: Recipient address rejected: No such user in our list, from=<x@y.example> to=<ada@x.example>
rcpt 550 <ada@x.example> User doesn't exist, ip 192.0.2.1
rcpt 550 unknown user in your message from 192.0.2.1
rcpt 550 Domain x.example is no longer hosted here
rcpt 550 address is invalid
rcpt 550 5.1.1 The recipient address is not found in directory
rcpt 550 #5.1.0 Address rejected.
rcpt 550 5.4.1 [ada@x.example]: Recipient address rejected: Access denied. AS(201806281) [BN8NAM11FT001.eop-nam11.prod.protection.outlook.com]
rcpt 550 5.1.351 Remote server returned unknown recipient or mailbox unavailable
rcpt 550 5.1.1 <ada@x.example> recipient does not exist here
rcpt 553 5.1.2 We weren't able to find the recipient domain
rcpt 550 Account not available
rcpt 550 ada@x.example: no such account
rcpt 554 No recipient by that name
rcpt 550 That is not one of our accounts
rcpt 550 5.1.1 Email address could not be found, or was misspelled
rcpt 550-5.1.1 The email account that you tried to reach does not exist
rcpt 550 5.1.1 Mail to ada@x.example rejected: mailbox not found
rcpt 550 Sorry, ada has left the company
rcpt 550 Email address is no longer in use
rcpt 553 sorry, this recipient is not in my validrcptto list (#5.7.1)
rcpt 550 Unrouteable address
rcpt 550 5.7.1 RCPT rejected: user inactive
rcpt 550 Denied - ada@x.example is not a valid mailbox
rcpt 550 [rcpt] unknown user account
rcpt 550 RP:RCNA
rcpt 550 MI:UNF
`,
	SoftBounce: `
rcpt 550 Mail box is full
rcpt 451 Could not complete recipient verify callout
rcpt 451 Recipient temporarily unavailable
rcpt 450 4.1.1 <a@b.example>: Recipient address rejected: unverified address: Address verification in progress
rcpt 450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/b.example.html
rcpt 451 4.7.1 Greylisting in action, please come back later
rcpt 451 Temporary local problem - please try later (greylisted)
rcpt 452 4.2.2 Mailbox full
rcpt 552 5.2.2 <ada@x.example>: Recipient address rejected: Quota exceeded (mailbox for user is full)
rcpt 450 4.2.2 <ada@x.example>: user is overquota
rcpt 452 Quota exceeded
rcpt 552 Quota exceeded
rcpt 550 Recipient address rejected: Quota exceeded
dot 552 5.2.2 Over quota
dot 452 4.2.2 Over quota
rcpt 422 The recipient's mailbox is over its storage limit
rcpt 450 4.2.1 <ada@x.example>: Recipient address rejected: this mailbox is inactive and has been disabled
rcpt 450 Requested mail action not taken: mailbox unavailable
rcpt 450 4.2.2 mailbox full, your message was not accepted
rcpt 552 5.2.2 mailbox over quota. Contact the owner of the account
rcpt 452 4.2.2 Sorry, your intended recipient has too much mail stored in their mailbox
rcpt 550 5.2.2 The user's quota is exceeded, sender please retry
rcpt 450 4.2.1 the recipient receives too many messages from your server
rcpt 452 4.1.1 <ada@x.example> mailbox temporarily unavailable
rcpt 450 4.2.1 The user's mailbox is temporarily locked, please try again
rcpt 452 4.2.2 The email account that you tried to reach is over quota
rcpt 451 4.2.2 user over quota; cannot receive new mail
rcpt 550 5.2.2 The user you are trying to contact is over quota
rcpt 452 <ada@x.example> account is temporarily over quota
rcpt 552 5.2.2 Message would exceed quota for <ada@x.example>
dot 552 5.2.2 This message is larger than the space available in the mailbox
rcpt 450 4.2.1 mailbox is currently being migrated
rcpt 421 4.2.2 quota exceeded for recipient
rcpt 450 4.1.1 recipient verification in progress
rcpt 450 4.7.1 <ada@x.example>: Recipient address rejected: Greylisting in effect, please come back later
`,
	PolicyBlock: `
connect 554 HL:IHU
rcpt 550 User in blacklist
dot 550 Mail content denied. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000726
mail 550 Suspected bounce attacks
connect 550 Suspected spam ip
rcpt 554 Reject by behaviour spam at Rcpt State(Connection IP address:192.0.2.1)ANTISPAM_BAT[01201311R156b]
dot 550 5.7.1 Error: content rejected
rcpt 550 Local CT IP Reputation - (reject)
rcpt 550 Rejected by header based Anti-Spoofing policy
rcpt 550 Inbound not allowed
rcpt 550 Envelope blocked - User Entry
rcpt 554 5.7.1 The recipient's server does not accept mail from your country
rcpt 550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group
rcpt 550 5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission; not authorized to deliver to this recipient
rcpt 550 5.7.124 Sender not in allowed-senders list
rcpt 553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)
rcpt 554 5.7.1 <unknown[198.51.100.7]>: Client host rejected: Access denied
rcpt 450 4.7.25 Client host rejected: cannot find your hostname, [198.51.100.7]
rcpt 550 5.7.25 Client host rejected: cannot find your reverse hostname
dot 554 5.7.1 Message rejected as spam by Content Filtering
rcpt 550 Blocked
rcpt 550 Rejected by policy
rcpt 550 Access denied
rcpt 554 Denied (Mode: normal)
rcpt 550 5.7.1 Sender blocked by recipient
rcpt 550 Your IP is blocked
rcpt 550 mail not accepted from blacklisted IP address [198.51.100.7]
rcpt 550 Your domain is blocked
rcpt 501 <x@y.example>... no access from mail server [192.0.2.55] which is an open relay.
rcpt 550 rejected because 198.51.100.7 is an open relay
rcpt 554 5.7.1 The server sending your mail has a bad reputation
rcpt 550 we do not accept mail from dynamic IPs
rcpt 550 Your message was refused
rcpt 550 mail from your provider is not wanted here
rcpt 550 Email blocked by Trend Micro Email Reputation Service
rcpt 550 5.7.1 The recipient does not accept mail from your address
rcpt 550 You are not allowed to send mail to this recipient
rcpt 550 5.7.1 You are not authorized to send to this distribution list
rcpt 550 5.7.1 recipient only accepts authenticated senders
rcpt 550 External senders are not allowed to mail this address
rcpt 550 5.7.1 Your domain is on our blacklist
rcpt 550 Sender blocked by administrator
rcpt 550 Your message looks like spam
rcpt 554 5.7.1 rejected: your server 192.0.2.1 sends too much spam
rcpt 550 Connection from unauthorised host denied
dot 550 5.7.1 Message rejected per policy: contains banned phrase
dot 554 5.7.1 Message blocked due to spam content
dot 550 High probability of spam
rcpt 550 5.7.1 This mail has been blocked because sender IP 192.0.2.1 has poor reputation
rcpt 554 5.7.1 Service unavailable; Sender address [x@y.example] blocked using dbl.spamhaus.org
connect 554 5.7.1 No SMTP service here for you
connect 550 Your IP has been blocked by our spam filter
`,
	MessageDefect: `
dot 550 Illegal Attachment
dot 552 Requested mail action aborted: exceeded mailsize limit
dot 550 rejected: there is no valid sender in any header line
mail 555 5.5.4 Unsupported option: SIZE=x
dot 554 Maximum email size exceeded
dot 554 Transaction failed: Local address contains control or whitespace
dot 554 Transaction failed: Missing final '@domain'
dot 554 Transaction failed: Domain contains illegal character
dot 554 Transaction failed: Duplicate header 'From'.
dot 554 Transaction failed: User name is missing: '@y.example'.
dot 554 Transaction failed: Illegal address
dot 554 Transaction failed: Unexpected MIME structure
dot 554 Transaction failed: Expected disposition, got null
dot 554 Transaction failed: Empty message
dot 501 Invalid email address in To header
dot 554 5.6.0 Invalid header: Reply-To address is not valid
dot 550 Malformed address in From header
`,
	Transient: `
dot 451 Temporary service failure
data 421 Timeout waiting for data from client.
auth 454 4.7.0 Temporary authentication failure: Connection lost to authentication server
auth 454 4.7.1 <>: Relay access denied temporary lookup failure
auth 435 Unable to authenticate at present
rcpt 451 Could not complete sender verify callout
rcpt 451 4.1.8 Domain of sender address x@y.example does not resolve
rcpt 451 4.3.0 Temporary lookup failure
rcpt 451 4.4.1 Remote server unavailable
rcpt 421 4.3.2 Service shutting down
rcpt 452 4.5.3 Error: too many recipients
rcpt 451 Requested action aborted: local error in processing
rcpt 450 4.3.2 Service currently unavailable
rcpt 451 4.3.5 Server configuration problem
rcpt 451 4.7.1 Sender address verification in progress
rcpt 450 4.1.7 <x@y.example>: Sender address rejected: unverified address: Address verification in progress
rcpt 451 4.4.3 Temporary DNS failure looking up sender domain
mail 451 4.1.8 Sender domain DNS lookup temporarily failed
dot 421 4.4.2 Connection dropped due to SocketError
dot 451 4.3.2 Please try again later
auth 454 4.7.0 Authentication service temporarily unavailable
auth 421 4.3.2 Service not available, closing transmission channel
connect 421 4.7.0 Too many connections from your IP
`,
}

func TestFaultIsGivenToTheSideThatTheWordsSpeakOf(t *testing.T) {
	t.Parallel()
	for want, lines := range byFault {
		for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
			phase, words, _ := strings.Cut(line, " ")
			r, err := Parse(words)
			require.NoError(t, err)
			r.Phase = Phase(phase)
			j := Classify(r)
			require.Equal(t, want, j.Verdict, "%s: %s", line, j.Reason)
		}
	}
}

func TestSubjectOf(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]subject{
		"Verify mailfrom failed,blocked":                                   sender,
		"Local user only or Authentication mechanism":                      sender,
		"<a@b.example>: Sender address rejected: User unknown":             sender,
		"<a@b.example>: Recipient address rejected: Sender quota exceeded": sender,
		"<a@b.example>: Recipient address rejected: Sender does not exist": sender,
		"Your account is not activated":                                    sender,
		"Absenderadresse existiert nicht":                                  sender,
		"发件人不存在":                                                           sender,
		"<host[192.0.2.1]>: Client host rejected: Access denied":           client,
		"your server is not welcome":                                       client,
		"User unknown":                                                     nobody,
		"Addressee unknown, relay=[192.0.2.1]":                             nobody,
		"No such user here, from=<x@y.example> sender=<x@y.example>":       nobody,
		"Address does not exist. Please notify the sender":                 nobody,
		"The recipient does not accept mail from your address":             nobody,
		"<a@b.example>: Recipient address rejected: User unknown":          nobody,
		"Mailbox full": nobody,
		"":             nobody,
	} {
		folded, _ := fold(words)
		require.Equal(t, want, subjectOf(folded), "%q", words)
	}
}

// No words may ever be both: what speaks of the sender is not held against the recipient,
// whatever code comes with it.
func TestWordsAboutTheSenderNeverBlameTheRecipient(t *testing.T) {
	t.Parallel()
	for _, words := range []string{
		"Sender rejected", "mailfrom check", "your account has a problem", "please log in", "outgoing mail problem",
		"<a@b.example>: Sender address rejected: no such user", "smtp service: account unknown", "envelope from: mailbox unavailable",
		"user is not allowed to send mail: mailbox disabled", "return path: user unknown", "credentials of user unknown",
	} {
		for _, code := range []int{421, 450, 451, 452, 500, 501, 550, 551, 552, 553, 554, 571} {
			for _, enhanced := range []string{"", "5.1.1", "4.2.2", "5.2.1", "5.7.1", "5.0.0"} {
				for _, phase := range []Phase{Rcpt, Data, Dot} {
					j := Classify(Reply{Phase: phase, Code: code, Enhanced: enhanced, Text: words})
					require.NotContains(t, []Verdict{HardBounce, SoftBounce}, j.Verdict, "%s %d %s %s: %s", phase, code, enhanced, words, j.Reason)
				}
			}
		}
	}
}
