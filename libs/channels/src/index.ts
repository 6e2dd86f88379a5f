export { createCallers, createProviders, type ProviderOptions, type Secrets } from './create-providers.js';
export { FileProvider, type FileOptions } from './file/file-provider.js';
export { parseMailbox, type Mailbox } from './mail/mailbox.js';
export { ProviderSettingsError } from './provider-settings-error.js';
export { SmtpProvider, type SmtpOptions } from './smtp/smtp-provider.js';
export { parseSmtpUrl, type SmtpServer } from './smtp/smtp-url.js';
export { WebhookProvider, type WebhookOptions } from './webhook/webhook-provider.js';
export { readMailReport, type MailReport } from './feedback/read-mail-report.js';
