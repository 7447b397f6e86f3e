using SqueezeBert.Threading;

namespace SqueezeBert.Retrieval;

/// <summary>A running search with its query and the best matches of each thread. Reusing it allocates nothing.</summary>
internal sealed unsafe class VectorSearch(byte* file, VectorIndexHeader header) : IParallelBody, IDisposable
{
    // A thread takes so much at a time: enough that taking costs nothing, little enough that all threads end together and that a
    // cancellation is soon seen.
    private const int PartBytes = 1 << 20;
    private const int CandidatesOfEach = 16;
    private const int LeastCandidates = 200;

    private readonly VectorSection _vectors = header.Vectors;
    private readonly VectorSection? _exact = header.Exact;
    private readonly int _partRows =
        Math.Max(1, PartBytes / header.Vectors.RowBytes / PreparedQuery.BlockRows) * PreparedQuery.BlockRows;
    private readonly PreparedQuery _query = new(header.Dimensions);
    private readonly TopMatches _best = new();
    private TopMatches[] _ofThreads = [];
    private CancellationToken _cancellationToken;

    /// <summary>Finds the best matches.</summary>
    /// <param name="vector">The query.</param>
    /// <param name="matches">Receives the matches, best first.</param>
    /// <param name="options">The options of the search.</param>
    /// <param name="cancellationToken">Cancels the search. It is checked between the parts.</param>
    /// <returns>The number of matches.</returns>
    public int Run(ReadOnlySpan<float> vector, Span<VectorMatch> matches, VectorIndexSearchOptions options,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _query.Set(vector);
        var wanted = Math.Min(matches.Length, header.Count);
        if (wanted == 0) return 0;
        var candidates = Math.Max(wanted, options.Candidates ?? Math.Max((long)CandidatesOfEach * wanted, LeastCandidates));
        Scan((int)(_exact is null ? wanted : Math.Min(candidates, header.Count)), options.Threads ?? int.MaxValue, cancellationToken);
        if (_exact is not null) Rescore(wanted, cancellationToken);
        var found = _best.Matches;
        found.Sort(TopMatches.Compare);
        for (var i = 0; i < found.Length; i++)
            matches[i] = found[i] with { Score = _query.Finish(_exact ?? _vectors, found[i].Score) };
        return found.Length;
    }

    /// <summary>Returns the score of one row, which equals the score that a search returns.</summary>
    public float Score(ReadOnlySpan<float> vector, int row)
    {
        _query.Set(vector);
        float score;
        _query.Score(file, _exact ?? _vectors, row, 1, &score);
        return _query.Finish(_exact ?? _vectors, score);
    }

    /// <summary>Scores a part of the rows.</summary>
    public void Execute(int part, int worker)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        var best = _ofThreads[worker];
        var scores = stackalloc float[PreparedQuery.BlockRows];
        var end = (int)Math.Min(header.Count, ((long)part + 1) * _partRows);
        for (var first = part * _partRows; first < end; first += PreparedQuery.BlockRows)
        {
            var count = Math.Min(PreparedQuery.BlockRows, end - first);
            _query.Score(file, _vectors, first, count, scores);
            for (var i = 0; i < count; i++)
            {
                if (scores[i] > best.Threshold) best.Add(new VectorMatch(first + i, scores[i]));
            }
        }
    }

    public void Dispose() => _query.Dispose();

    /// <summary>Finds the best of all rows and stores them in <see cref="_best"/>.</summary>
    private void Scan(int wanted, int threads, CancellationToken cancellationToken)
    {
        var pool = WorkerPool.Shared;
        var parts = (int)(((long)header.Count + _partRows - 1) / _partRows);
        threads = Math.Min(Math.Min(threads, pool.ThreadCount), parts);
        if (_ofThreads.Length < threads)
            _ofThreads = [.. _ofThreads, .. Enumerable.Range(_ofThreads.Length, threads - _ofThreads.Length).Select(_ => new TopMatches())];
        foreach (var best in _ofThreads.AsSpan(0, threads)) best.Reset(wanted);
        _cancellationToken = cancellationToken;
        pool.Run(this, parts, threads);
        _cancellationToken = default;
        _best.Reset(wanted);
        foreach (var best in _ofThreads.AsSpan(0, threads))
        {
            foreach (var match in best.Matches) _best.Add(match);
        }
    }

    /// <summary>Scores the candidates again and stores the best in <see cref="_best"/>.</summary>
    private void Rescore(int wanted, CancellationToken cancellationToken)
    {
        // In the order of the file, which is read from disk where it is not in memory.
        var candidates = _ofThreads[0];
        candidates.Reset(_best.Matches.Length);
        foreach (var match in _best.Matches) candidates.Add(match);
        var rows = candidates.Matches;
        rows.Sort(static (left, right) => left.Row.CompareTo(right.Row));
        _best.Reset(wanted);
        for (var i = 0; i < rows.Length; i++)
        {
            if (i % PreparedQuery.BlockRows == 0) cancellationToken.ThrowIfCancellationRequested();
            float score;
            _query.Score(file, _exact!, rows[i].Row, 1, &score);
            if (score > _best.Threshold) _best.Add(new VectorMatch(rows[i].Row, score));
        }
    }
}
