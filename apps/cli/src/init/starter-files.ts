/** What `kairos init` writes: a workspace that validates and whose tests pass, small enough to be read in ten minutes. */
export const STARTER_FILES: { readonly [path: string]: string } = {
  'kairos.yaml': `# Settings of the workspace: who we are, how often we may write, and when we stay silent.
time zone: Europe/Berlin             # for customers without one of their own
locale: en

shop:                                # what the templates say of the shop: {{shop.name}}
  name: My Shop
  url: "https://shop.test"

# The channels we use, in the order in which they are tried.
channels: [email]

categories:
  promotional: { consent: opt-in }   # nothing without a yes
  care: { consent: opt-out }         # about something the customer bought: until they say no

caps:
  - { at most: 1, per: 1 day, category: promotional }
  - { at most: 3, per: calendar week, category: promotional }

# What falls into the night is held for the morning.
quiet hours: { from: "21:00", to: "08:30", on quiet: hold }

same content: 18 hours

# \`file\` writes each mail into the folder .kairos/outbox. With a mail server, write instead:
#   email: { kind: smtp, url: SMTP_URL, from: "My Shop <hello@shop.test>" }
providers:
  email: { kind: file, from: "My Shop <hello@shop.test>" }
`,
  'segments.yaml': `# Named audiences, and what Kairos counts for each customer as events arrive.
computed:
  customer.orders: { count: Order Completed }
  customer.spent: { sum: event.total, of: Order Completed, within: 365 days }

segments:
  loyal:
    any:
      - customer.orders: { at least: 3 }
      - customer.spent: { at least: 250 }
`,
  'rules/abandoned-cart.yaml': `rule: abandoned-cart
description: Somebody put things into the cart and went away. Remind them after an hour.
category: promotional                # decides consent, caps and quiet hours: kairos.yaml
priority: 60                         # who wins when the caps leave room for one

start:
  event: Product Added
while running: restart wait          # the hour counts from the last thing put in
again: after 3 days                  # nobody is reminded more than every third day

stop:
  event: Cart Cleared
goal:
  event: Order Completed
  within: 3 days

steps:
  - wait: 1 hour
  - if: { segment: loyal }
    then:
      - send: { template: cart-reminder, with: { greeting: Good to see you again }, expires: 12 hours }
    else:
      - send: { template: cart-reminder, with: { greeting: Hello }, expires: 12 hours }
`,
  'rules/abandoned-cart.test.yaml': `# Tests run in virtual time: \`kairos rules test\`. +0m is this instant, ten in the morning in Berlin.
clock: 2026-06-01T08:00:00Z
customers:
  ann: { email: ann@shop.test, name: Ann, consents: { promotional: [email] } }
  ben: { email: ben@shop.test }

tests:
  - name: reminds once, an hour after the cart went quiet
    events:
      - { at: +0m, customer: ann, event: Product Added, product_id: mug, price: 30 }
      - { at: +30m, customer: ann, event: Product Added, product_id: tea, price: 12 }
    expect:
      - { at: +1h30m, send: cart-reminder, to: ann, with: { greeting: Hello } }

  - name: greets loyal customers as such
    events:
      - { at: +0m, customer: ann, event: Order Completed, order_id: o1, total: 300 }
      - { at: +2d, customer: ann, event: Product Added, product_id: mug, price: 30 }
    expect:
      - { at: +2d1h, send: cart-reminder, to: ann, with: { greeting: Good to see you again } }

  - name: stays silent when the order arrives at the very last moment
    events:
      - { at: +0m, customer: ann, event: Product Added, product_id: mug, price: 30 }
      - { at: +1h, customer: ann, event: Order Completed, order_id: o1, total: 30 }
    expect: []
    explain: [{ rule: abandoned-cart, customer: ann, outcome: goal_reached, by: Order Completed }]

  - name: forgets a cart that was cleared
    events:
      - { at: +0m, customer: ann, event: Product Added, product_id: mug, price: 30 }
      - { at: +20m, customer: ann, event: Cart Cleared }
    expect: []
    explain: [{ rule: abandoned-cart, customer: ann, outcome: stopped, by: Cart Cleared }]

  - name: does not write to those who never agreed
    events:
      - { at: +0m, customer: ben, event: Product Added, product_id: mug, price: 30 }
    expect:
      - { at: +1h, send: cart-reminder, to: ben, suppressed: no_consent }
`,
  'templates/cart-reminder/subject.hbs': `Still thinking it over?
`,
  'templates/cart-reminder/email.hbs': `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Still thinking it over?</title>
  </head>
  <body style="margin: 0; padding: 24px; background: #f4f4f2; font: 16px/1.5 Helvetica, Arial, sans-serif; color: #222;">
    <div style="max-width: 560px; margin: 0 auto; padding: 32px; background: #fff; border-radius: 8px;">
      <p>{{with.greeting}} {{default customer.name "there"}},</p>
      <p>what you put into your cart is still there, just as you left it.</p>
      <p><a href="{{shop.url}}/cart" style="color: #2b6a4f;">Back to your cart</a></p>
      <p>{{shop.name}}</p>
    </div>
  </body>
</html>
`,
  'templates/cart-reminder/email.txt.hbs': `{{with.greeting}} {{default customer.name "there"}},

what you put into your cart is still there, just as you left it:
{{shop.url}}/cart

{{shop.name}}
`,
  '.gitignore': `.kairos/
`,
  'README.md': `# Our rules

Everything Kairos does is written here: settings in kairos.yaml, audiences in segments.yaml, one rule a file in rules/, what is
said in templates/. Put the folder under Git. VS Code completes, explains and checks the YAML (it offers to install the extension).

    kairos rules validate          what is wrong, and where
    kairos rules test              the tests beside the rules
    kairos rules test --coverage   what no test reaches
    kairos rules simulate --events EVENTS.ndjson --assume-consent
                                   what the rules would have done with recorded events
    kairos start                   everything in one process; mails go to .kairos/outbox

Say who you are under \`shop\` in kairos.yaml, change the template, and write a second rule beside the first, with its tests.
`,
};
