using System.Text;
using SqueezeBert.Checkpoints;
using SqueezeBert.Retrieval;
using SqueezeBert.Threading;

namespace SqueezeBert;

/// <summary>
/// A file of vectors, written by a <see cref="VectorIndexWriter"/>, that is searched for the vectors nearest to a query. The search is
/// exact: it compares the query with every stored vector. The file is mapped into memory rather than loaded, so it may be larger than the
/// memory. Thread-safe. Disposing an index refuses new searches and lets running searches complete.
/// </summary>
public sealed unsafe class VectorIndex : IDisposable
{
    /// <summary>The largest size of a text in bytes of UTF-8.</summary>
    internal const int MaxTextBytes = 1 << 28;

    private static readonly VectorIndexSearchOptions Defaults = new();

    private readonly MappedFile _file;
    private readonly VectorIndexHeader _header;
    private readonly Lifetime _lifetime;
    private readonly Stack<VectorSearch> _idle = new();

    private VectorIndex(string path, MappedFile file, VectorIndexHeader header)
    {
        Path = path;
        _file = file;
        _header = header;
        _lifetime = new Lifetime(nameof(VectorIndex), Free);
    }

    /// <summary>The path of the file, as given.</summary>
    public string Path { get; }

    /// <summary>The number of vectors.</summary>
    public int Count => _header.Count;

    /// <summary>The number of components of each vector and of a query.</summary>
    public int Dimensions => _header.Dimensions;

    /// <summary>The number format of the vectors that every search reads.</summary>
    public VectorPrecision Precision => _header.Precision;

    /// <summary>The number format that candidates are rescored with.</summary>
    public VectorRescoring Rescoring => _header.Rescoring;

    /// <summary>
    /// The fingerprint of the embedder that made the vectors (<see cref="TextEmbedder.Fingerprint"/>), or null if the file has none.
    /// </summary>
    public string? Fingerprint => _header.Fingerprint;

    /// <summary>Whether the file contains the texts of the vectors.</summary>
    public bool HasTexts => _header.HasTexts;

    /// <summary>
    /// Opens an index. While it is open, no program may shorten the file, because that would end the process. A
    /// <see cref="VectorIndexWriter"/> is safe, because it replaces the file by a new one (on Windows, only after the old one is closed).
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="InvalidModelFileException">The file does not exist, is not an index, or is damaged.</exception>
    public static VectorIndex Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var (file, header) = MappedFile.Open(path);
        return new VectorIndex(path, file, header);
    }

    /// <summary>
    /// Checks that the vectors of an embedder can be compared with those of the index. The model, the pooling and the number of components
    /// must be the same. Skip this check if you know that the vectors of another model are comparable, for example those of a small model
    /// that was trained to imitate the model of the index.
    /// </summary>
    /// <param name="embedder">The embedder that makes the queries.</param>
    /// <exception cref="UnsupportedModelException">The vectors cannot be compared. The message says what differs.</exception>
    public void RequireModel(TextEmbedder embedder)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        if (embedder.Dimensions != Dimensions)
        {
            throw new UnsupportedModelException(
                $"{Path} has vectors of {Dimensions} components, {embedder.Model.Name} makes vectors of {embedder.Dimensions}");
        }

        if (Fingerprint is not null && Fingerprint != embedder.Fingerprint)
        {
            throw new UnsupportedModelException(
                $"{Path} was made with another model than {embedder.Model.Name}, or with another pooling (fingerprint {Fingerprint}, not " +
                    $"{embedder.Fingerprint}): use the one it was made with or make the index again; where their vectors can be compared " +
                        "all the same, do without this check (--compatible)");
        }
    }

    /// <summary>Finds the vectors with the highest cosine similarity to a query.</summary>
    /// <param name="query">The query, with <see cref="Dimensions"/> components. It need not be normalized.</param>
    /// <param name="top">The number of vectors to find, 1 or more.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="cancellationToken">Cancels the search. It is checked after about every megabyte of vectors.</param>
    /// <returns>
    /// The matches, best first, and in the order of the index for equal scores. There are fewer than <paramref name="top"/> if the index
    /// has fewer vectors.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The query has another number of components or a component that is not finite, or <paramref name="top"/> or an option is out of
    /// range.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The index has been disposed.</exception>
    public IReadOnlyList<VectorMatch> Search(
        ReadOnlySpan<float> query, int top, VectorIndexSearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        var matches = new VectorMatch[Math.Min(top, Count)];
        var found = Search(query, matches, options, cancellationToken);
        return found == matches.Length ? matches : matches[..found];
    }

    /// <summary>
    /// Finds the vectors with the highest cosine similarity to a query and writes them into a span. This overload allocates nothing after
    /// the first calls.
    /// </summary>
    /// <param name="query">The query, with <see cref="Dimensions"/> components. It need not be normalized.</param>
    /// <param name="matches">
    /// Receives the matches, best first, and in the order of the index for equal scores. Its length is the number of vectors to find.
    /// </param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="cancellationToken">Cancels the search. It is checked after about every megabyte of vectors.</param>
    /// <returns>The number of matches that were written.</returns>
    /// <exception cref="ArgumentException">
    /// The query has another number of components or a component that is not finite, or an option is out of range.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The index has been disposed.</exception>
    public int Search(
        ReadOnlySpan<float> query, Span<VectorMatch> matches, VectorIndexSearchOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        CheckQuery(query);
        options ??= Defaults;
        if (options.Threads is { } threads) ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1, nameof(options.Threads));
        if (options.Candidates is { } candidates) ArgumentOutOfRangeException.ThrowIfLessThan(candidates, 1, nameof(options.Candidates));
        var search = Rent();
        try
        {
            return search.Run(query, matches, options, cancellationToken);
        }
        finally
        {
            Return(search);
        }
    }

    /// <summary>Returns the score of one vector for a query. It equals the score that a search returns.</summary>
    /// <param name="query">The query, with <see cref="Dimensions"/> components. It need not be normalized.</param>
    /// <param name="row">The index of the vector, from 0.</param>
    /// <exception cref="ArgumentException">
    /// The query has another number of components or a component that is not finite, or there is no such row.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The index has been disposed.</exception>
    public float Score(ReadOnlySpan<float> query, int row)
    {
        CheckQuery(query);
        CheckRow(row);
        var search = Rent();
        try
        {
            return search.Score(query, row);
        }
        finally
        {
            Return(search);
        }
    }

    /// <summary>Returns the text of a vector.</summary>
    /// <param name="row">The index of the vector, from 0.</param>
    /// <exception cref="InvalidOperationException">The index contains no texts.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="InvalidModelFileException">The file is damaged at this text.</exception>
    /// <exception cref="ObjectDisposedException">The index has been disposed.</exception>
    public string Text(int row)
    {
        if (!HasTexts) throw new InvalidOperationException($"{Path} has no texts");
        CheckRow(row);
        _lifetime.Enter();
        try
        {
            var starts = (ulong*)(_file.Pointer + _header.TextStartsOffset) + row;
            var (start, end) = (starts[0], starts[1]);
            if (end > (ulong)_header.TextBytes || start > end || end - start > MaxTextBytes)
                throw new InvalidModelFileException(Path, $"text {row}", $"is at {start} to {end} of {_header.TextBytes} bytes of texts");
            return Encoding.UTF8.GetString(_file.Pointer + _header.TextsOffset + start, (int)(end - start));
        }
        finally
        {
            _lifetime.Exit();
        }
    }

    /// <summary>Refuses new searches. Running searches complete normally, and the file is closed after the last of them.</summary>
    public void Dispose() => _lifetime.Close();

    private void CheckQuery(ReadOnlySpan<float> query)
    {
        if (query.Length != Dimensions)
            throw new ArgumentException($"the index has vectors of {Dimensions} components, the query {query.Length}", nameof(query));
    }

    private void CheckRow(int row)
    {
        if ((uint)row >= (uint)Count) throw new ArgumentOutOfRangeException(nameof(row), row, $"The index has {Count} vectors.");
    }

    private VectorSearch Rent()
    {
        _lifetime.Enter();
        try
        {
            lock (_idle)
            {
                if (_idle.TryPop(out var search)) return search;
            }

            return new VectorSearch(_file.Pointer, _header);
        }
        catch
        {
            _lifetime.Exit();
            throw;
        }
    }

    private void Return(VectorSearch search)
    {
        lock (_idle) _idle.Push(search);
        _lifetime.Exit();
    }

    private void Free()
    {
        foreach (var search in _idle) search.Dispose();
        _file.Dispose();
    }
}
