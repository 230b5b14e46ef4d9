/**
 * Where this device's key and credential are kept: IndexedDB, because it can hold a key that no script can read out.
 * Must never hold the gateway's shared token.
 */

/** A few named values that outlive the page. The tests' map is the second implementation. */
export interface Vault {
  get<T>(name: string): Promise<T | undefined>;
  put(name: string, value: unknown): Promise<void>;
  delete(name: string): Promise<void>;
}

const STORE = "values";

function settle<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's storage failed"));
  });
}

/** Opens (and on the first visit makes) the database. Throws where the browser allows no storage. */
export async function openVault(factory: IDBFactory = indexedDB): Promise<Vault> {
  const opening = factory.open("gatehouse-device", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settle(opening);
  const store = (mode: IDBTransactionMode) => database.transaction(STORE, mode).objectStore(STORE);
  return {
    get: async <T>(name: string) => (await settle(store("readonly").get(name))) as T | undefined,
    put: async (name, value) => void (await settle(store("readwrite").put(value, name))),
    delete: async (name) => void (await settle(store("readwrite").delete(name))),
  };
}
