import { MemoryStore } from './memory-store.fake.ts'
import { testStore } from './store.suite.ts'

testStore('memory', async (_t, clock) => {
  const store = new MemoryStore(() => clock.epochMs())
  return async () => store.reopened()
})
