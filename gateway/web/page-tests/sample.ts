/** A message that uses all of Markdown. */
export const SAMPLE = `# What a rich answer looks like

A paragraph with **strong**, *soft* and \`inline code\`, a [link](https://example.org) and ~~a mistake~~.

1. First, something in order,
2. then a list inside it:
   - with one thing
   - and another
3. and an end.

> Log first, publish second.
> No client ever sees what cannot be read back.

\`\`\`rust
/// Whoever holds the lease may write.
async fn append(&self, lease: Nonce, event: EventBody) -> Result<Audience, Fenced> {
    self.store.append(self.conversation.clone(), lease, event, Utc::now()).await
}
\`\`\`

| what | figure | so |
| --- | ---: | --- |
| idle socket | 5.5 KB | set the read buffer |
| first token | 0.7 ms | say it at once |

- [x] streams
- [ ] sleeps

![a picture of a cat](https://elsewhere.test/cat.png)
`;
