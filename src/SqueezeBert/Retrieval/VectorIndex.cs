using System.Text;
using SqueezeBert.Checkpoints;
using SqueezeBert.Retrieval;
using SqueezeBert.Threading;

namespace SqueezeBert;

/// <summary>
/// Vectors in a file that a <see cref="VectorIndexWriter"/> has written, to find those that are nearest to another. The search is exact: it
/// compares the query with all of them as they are stored. The file is mapped into memory and not loaded, so it may be larger than memory
/// is. Thread-safe. Disposing it lets the searches that run end, and refuses new ones.
/// </summary>
public sealed unsafe class VectorIndex : IDisposable
{
    /// <summary>A text of an index at most, in bytes of UTF-8.</summary>
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

    /// <summary>The file, as the caller named it.</summary>
    public string Path { get; }

    /// <summary>Vectors.</summary>
    public int Count => _header.Count;

    /// <summary>Components of a vector, and of a query.</summary>
    public int Dimensions => _header.Dimensions;

    /// <summary>How the vectors are stored that every search reads.</summary>
    public VectorPrecision Precision => _header.Precision;

    /// <summary>What candidates are put in order by.</summary>
    public VectorRescoring Rescoring => _header.Rescoring;

    /// <summary>What the vectors were made with (<see cref="TextEmbedder.Fingerprint"/>); null where the file does not say.</summary>
    public string? Fingerprint => _header.Fingerprint;

    /// <summary>Whether the file has the texts that the vectors are of.</summary>
    public bool HasTexts => _header.HasTexts;

    /// <summary>
    /// Opens an index. As long as it is open, no program may shorten its file, which would end the process; a writer does not, it puts a
    /// new file in the place of the old one (on Windows not before the old one is closed).
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidModelFileException">There is no such file, it is no index, or it is damaged.</exception>
    public static VectorIndex Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var (file, header) = MappedFile.Open(path);
        return new VectorIndex(path, file, header);
    }

    /// <summary>
    /// Checks that an embedder makes vectors that can be compared with those of the index: by the same model, pooled in the same way, and
    /// with as many components. Who knows that another model's can be compared (a small model that was trained to give the vectors of the
    /// index's) does without.
    /// </summary>
    /// <param name="embedder">Makes the queries.</param>
    /// <exception cref="UnsupportedModelException">It does not; the message says in what they differ.</exception>
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

    /// <summary>Finds the vectors whose cosine with a query is the largest.</summary>
    /// <param name="query"><see cref="Dimensions"/> components; its length does not matter.</param>
    /// <param name="top">How many, at least 1.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Looked at after each megabyte or so.</param>
    /// <returns>As many, or all that there are; best first, of equal ones the first of the index.</returns>
    /// <exception cref="ArgumentException">The query has other dimensions, or a component that is no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The index is disposed.</exception>
    public IReadOnlyList<VectorMatch> Search(
        ReadOnlySpan<float> query, int top, VectorIndexSearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        var matches = new VectorMatch[Math.Min(top, Count)];
        var found = Search(query, matches, options, cancellationToken);
        return found == matches.Length ? matches : matches[..found];
    }

    /// <summary>The inner path: the matches into a span; allocates nothing once warm.</summary>
    /// <param name="query"><see cref="Dimensions"/> components; its length does not matter.</param>
    /// <param name="matches">As many are looked for as it has room for; best first, of equal ones the first of the index.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Looked at after each megabyte or so.</param>
    /// <returns>How many there are.</returns>
    /// <exception cref="ArgumentException">The query has other dimensions, or a component that is no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The index is disposed.</exception>
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

    /// <summary>The score of one vector with a query, as a search that finds it gives it.</summary>
    /// <param name="query"><see cref="Dimensions"/> components; its length does not matter.</param>
    /// <param name="row">Its place in the index, from 0.</param>
    /// <exception cref="ArgumentException">The query has other dimensions, a component that is no finite number, or there is no such
    /// row.</exception>
    /// <exception cref="ObjectDisposedException">The index is disposed.</exception>
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

    /// <summary>The text that a vector is of.</summary>
    /// <param name="row">Its place in the index, from 0.</param>
    /// <exception cref="InvalidOperationException">The index has no texts.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="InvalidModelFileException">The file is damaged there.</exception>
    /// <exception cref="ObjectDisposedException">The index is disposed.</exception>
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

    /// <summary>Refuses new searches; those that run end as usual, and the file is closed after the last of them.</summary>
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
