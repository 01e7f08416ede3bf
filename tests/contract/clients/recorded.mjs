// A fetch that remembers the method and the status of every request.
export function recorded() {
  const requests = [];
  const fetchAndNote = async (input, init = {}) => {
    const response = await fetch(input, init);
    requests.push(`${init.method ?? 'GET'} ${response.status}`);
    return response;
  };
  return { requests, fetch: fetchAndNote };
}
