using System.Diagnostics;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Inference.Operations;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Memory;
using SqueezeBert.Threading;

namespace SqueezeBert.Inference;

/// <summary>
/// The memory of one run of a plan, and its execution. Buffers grow to the largest batch and are kept, so later runs allocate nothing. Not
/// thread-safe: one run at a time.
/// </summary>
internal sealed unsafe class Execution : IDisposable
{
    /// <summary>The number of rows of a block. Its activations stay in the second-level cache while the weights are read.</summary>
    private const int MaxBlockRows = 128;

    /// <summary>
    /// Up to this number of rows, threads share columns instead of rows if there are enough weights. Reading the weights only once then
    /// matters more than the threads' waiting for each other.
    /// </summary>
    private const int ColumnRows = 64;

    /// <summary>Rows are divided at multiples of a tile's height.</summary>
    private const int RowGrain = 8;

    private readonly InferencePlan _plan;
    private readonly WorkerPool _pool;
    private readonly int _threads;
    private readonly SharingLimits _sharing;
    private readonly RowMap _map = new();
    private readonly NativeBuffer[] _globals;
    private readonly NativeBuffer[] _captures;
    private readonly NativeBuffer[] _locals;
    private readonly NativeBuffer[] _scratch;
    private readonly long _localBytes;
    private readonly int[] _blockStarts;
    private readonly NativeBuffer _ids = new();
    private readonly AttentionBlocks[] _attention = [new(), new(), new()];
    private readonly SegmentBody _body;
    private int _tokenCount;
    private PackedBatch? _batch;

    public Execution(InferencePlan plan, WorkerPool pool, int maxThreads, SharingLimits sharing)
    {
        _plan = plan;
        _pool = pool;
        _sharing = sharing;
        _threads = Math.Min(maxThreads, pool.ThreadCount);
        _globals = New(plan.Buffers.Length);
        _captures = New(plan.Captures.Length);
        _locals = New(_threads);
        _scratch = New(_threads);
        _blockStarts = new int[_threads];
        _body = new SegmentBody(this);
        if (_threads > 1) pool.EnsureStarted();
        _localBytes = (long)plan.LocalByteCount * MaxBlockRows;
        ReserveLocals();
    }

    /// <summary>
    /// The number of threads that work on the current section. It is lower than the limit while other callers use the same cores.
    /// </summary>
    public int Threads { get; private set; }

    /// <summary>The number of threads of a run that has all cores. Arrays have this size, so that they never grow later.</summary>
    public int MaxThreads => _threads;

    /// <summary>Receives each operation, its number of rows and its time, in runs on one thread. Null measures nothing.</summary>
    public Action<Operation, int, TimeSpan>? Observer { get; set; }

    public int TextCount => _map.TextCount;

    public int LongestText => _map.LongestText;

    public ReadOnlySpan<int> TextStarts => _map.TextStarts;

    /// <summary>The native memory of the execution, in bytes.</summary>
    public long ByteCount => Bytes(_globals) + Bytes(_captures) + Bytes(_locals) + Bytes(_scratch) + _ids.ByteCount;

    /// <summary>Computes the plan's outputs for a batch.</summary>
    /// <exception cref="ArgumentException">An id is outside its table, or a text has more tokens than there are positions.</exception>
    public void Run(PackedBatch batch, CancellationToken cancellationToken)
    {
        Begin(batch);
        if (batch.TextCount == 0) return;
        _pool.Enter();
        try
        {
            foreach (var segment in _plan.Segments)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Threads = Math.Min(_threads, _pool.ThreadsPerCaller);
                if (segment.Sequence is { } sequence) RunSequence(sequence);
                else RunRows(segment);
            }
        }
        finally
        {
            _pool.Leave();
        }
    }

    /// <summary>Frees all memory. The next run allocates what it needs. Outputs of the last run are lost.</summary>
    public void Trim()
    {
        foreach (var buffer in Buffers()) buffer.Release();
        _map.Clear();
    }

    /// <summary>Returns the rows of an output after a run, with the shape [rows, width].</summary>
    public ReadOnlySpan<float> Output(PlanValue value) =>
        new(_globals[value.Place].Floats, checked(_map.Count(value.Rows) * value.Width));

    public int RowCount(PlanValue value) => _map.Count(value.Rows);

    /// <summary>Returns the elements of an attention capture that belong to a text.</summary>
    public ReadOnlySpan<float> Output(AttentionCapture capture, int text)
    {
        var tokens = TextStart(text + 1) - TextStart(text);
        return new(_captures[capture.Slot].Floats + capture.Offset(this, text), checked(tokens * tokens * capture.Heads));
    }

    /// <summary>The <see cref="PackedBatch.MaskedNeighbours"/> of the current batch.</summary>
    internal ReadOnlySpan<int> MaskedNeighbours => _batch!.MaskedNeighbours;

    /// <summary>Returns the address of the first byte of a row of a value.</summary>
    internal byte* Address(PlanValue value, int row, int worker) => value.IsLocal
        ? _locals[worker].Pointer + ((long)value.Place * MaxBlockRows) + ((long)(row - _blockStarts[worker]) * value.RowByteCount)
        : _globals[value.Place].Pointer + ((long)row * value.RowByteCount);

    /// <summary>Returns the address of the first element of a row of a float32 value.</summary>
    internal float* Pointer(PlanValue value, int row, int worker)
    {
        Debug.Assert(value.Format == RowFormat.Float32, "only products read other formats");
        return (float*)Address(value, row, worker);
    }

    /// <summary>Returns the rows [start, start + count) of a value, in its format.</summary>
    internal EncodedRows Rows(PlanValue value, int start, int count, int worker) =>
        new(Address(value, start, worker), value.RowByteCount, count);

    /// <summary>Returns the rows [start, start + count) of a float32 value.</summary>
    internal Matrix Block(PlanValue value, int start, int count, int worker) =>
        new(Pointer(value, start, worker), count, value.Width);

    /// <summary>Writes rows of a float32 value in the format of another.</summary>
    internal void Encode(PlanValue source, PlanValue target, int start, int count, int worker)
    {
        var rows = Block(source, start, count, worker);
        var encoded = Rows(target, start, count, worker);
        for (var slice = 0; slice < target.Slices; slice++)
        {
            target.Format.Encode(
                rows.TakeColumns(slice * target.SliceWidth, target.SliceWidth), encoded.Skip((nint)slice * target.SliceByteCount));
        }
    }

    internal float* Capture(int slot) => _captures[slot].Floats;

    internal float* Scratch(int worker) => _scratch[worker].Floats;

    internal int TextStart(int text) => _map.Start(RowSet.Tokens, text);

    internal int FirstRow(RowSet rows, int text) => _map.Start(rows, text);

    internal ReadOnlySpan<int> TokenRows(RowSet rows) => _map.Tokens(rows);

    internal int* Ids(EmbeddingIndex index) => (int*)_ids.Pointer + ((long)_tokenCount * (int)index);

    internal int AttentionParts(RowSet rows, int blockSize)
    {
        var blocks = _attention[(int)rows];
        blocks.Build(_map, rows, blockSize);
        return blocks.Count;
    }

    internal (int Text, int First, int Count) AttentionPart(RowSet rows, int index) => _attention[(int)rows][index];

    public void Dispose()
    {
        foreach (var buffer in Buffers()) buffer.Dispose();
    }

    private IEnumerable<NativeBuffer> Buffers() => [.. _globals, .. _captures, .. _locals, .. _scratch, _ids];

    private void ReserveLocals()
    {
        foreach (var local in _locals) local.Reserve(_localBytes);
    }

    private static NativeBuffer[] New(int count)
    {
        var buffers = new NativeBuffer[count];
        for (var i = 0; i < count; i++) buffers[i] = new NativeBuffer();
        return buffers;
    }

    private static long Bytes(NativeBuffer[] buffers)
    {
        var sum = 0L;
        foreach (var buffer in buffers) sum += buffer.ByteCount;
        return sum;
    }

    private void Begin(PackedBatch batch)
    {
        _map.Set(batch);
        _batch = batch;
        _tokenCount = batch.TokenCount;
        if (_tokenCount == 0) return;
        _ids.Reserve(3L * _tokenCount * sizeof(int));
        ReserveLocals();
        CopyIds(batch.TokenIds, EmbeddingIndex.TokenId, "token id");
        CopyIds(batch.TokenTypeIds, EmbeddingIndex.TokenTypeId, "token type id");
        CopyIds(batch.Positions, EmbeddingIndex.Position, "position");
        for (var i = 0; i < _globals.Length; i++)
        {
            var buffer = _plan.Buffers[i];
            _globals[i].Reserve((long)_map.Count(buffer.Rows) * buffer.RowByteCount);
        }

        foreach (var capture in _plan.Captures) _captures[capture.Slot].Reserve(capture.Offset(this, TextCount) * sizeof(float));
        var scratch = 0L;
        foreach (var segment in _plan.Segments)
        {
            if (segment.Sequence is { } sequence) scratch = Math.Max(scratch, sequence.ScratchSize(this));
        }

        foreach (var buffer in _scratch) buffer.Reserve(scratch * sizeof(float));
    }

    private void CopyIds(ReadOnlySpan<int> ids, EmbeddingIndex index, string name)
    {
        var limit = int.MaxValue;
        foreach (var (kind, rows) in _plan.Limits)
        {
            if (kind == index) limit = Math.Min(limit, rows);
        }

        foreach (var id in ids)
        {
            if ((uint)id >= (uint)limit) ThrowId(index, name, id, limit);
        }

        ids.CopyTo(new Span<int>(Ids(index), ids.Length));
    }

    private static void ThrowId(EmbeddingIndex index, string name, int id, int limit) => throw new ArgumentException(
        index == EmbeddingIndex.Position
            ? $"a text has a token at position {id}, but the model has {limit} positions: truncate it to {limit} tokens or cut it into " +
                "windows"
            : $"{name} {id} is outside of the model's table of {limit} rows: is the tokenizer the model's own?");

    private void RunSequence(SequenceOperation operation)
    {
        var parts = operation.Parts(this);
        _body.Set(operation);
        var started = Observer is null ? 0 : Stopwatch.GetTimestamp();
        _pool.RunEntered(_body, parts, UsefulThreads(operation.Work(this)));
        Observer?.Invoke(operation, _map.Count(operation.Output.Rows), Stopwatch.GetElapsedTime(started));
    }

    private void RunRows(Segment segment)
    {
        var rows = _map.Count(segment.Rows);
        if (rows == 0) return;
        var threads = UsefulThreads(rows * segment.WeightCount);
        if (threads > 1 && rows <= Math.Min(ColumnRows, 32 * (threads - 1)) && segment.WeightCount > _sharing.CachedWeights)
        {
            RunColumns(segment, rows);
            return;
        }

        // As many blocks as a multiple of the threads, each a multiple of the grain, none larger than a block may be.
        var blocks = (rows + MaxBlockRows - 1) / MaxBlockRows;
        blocks = (blocks + threads - 1) / threads * threads;
        var blockRows = (((rows + blocks - 1) / blocks) + RowGrain - 1) / RowGrain * RowGrain;
        _body.Set(segment, rows, Math.Min(blockRows, MaxBlockRows));
        _pool.RunEntered(_body, (rows + blockRows - 1) / blockRows, threads);
    }

    private int UsefulThreads(long work) => work < _sharing.MinimumWork ? 1 : Threads;

    /// <summary>
    /// Runs a segment for few rows. Threads share the columns of each operation, so that each weight is read once by one core.
    /// </summary>
    private void RunColumns(Segment segment, int rows)
    {
        _blockStarts[0] = 0;
        foreach (var operation in segment.RowOperations)
        {
            if (operation.PartCount == 1)
            {
                operation.Run(this, 0, rows, 0);
                continue;
            }

            for (var stage = 0; stage < operation.StageCount; stage++)
            {
                var parts = Math.Min(operation.PartCount, Threads);
                _body.Set(operation, rows, stage, parts);
                _pool.RunEntered(_body, parts, Threads);
            }

            operation.Encode(this, 0, rows, 0);
        }
    }

    /// <summary>The body that the threads of the pool run. It is set before each section, so that nothing is allocated.</summary>
    private sealed class SegmentBody(Execution execution) : IParallelBody
    {
        private SequenceOperation? _sequence;
        private Segment? _segment;
        private RowOperation? _operation;
        private int _rows;
        private int _blockRows;
        private int _stage;
        private int _parts;

        public void Set(SequenceOperation operation) => (_sequence, _segment, _operation) = (operation, null, null);

        public void Set(Segment segment, int rows, int blockRows) =>
            (_sequence, _segment, _operation, _rows, _blockRows) = (null, segment, null, rows, blockRows);

        public void Set(RowOperation operation, int rows, int stage, int parts) =>
            (_sequence, _segment, _operation, _rows, _stage, _parts) = (null, null, operation, rows, stage, parts);

        public void Execute(int part, int worker)
        {
            if (_sequence is { } sequence)
            {
                sequence.Execute(execution, part, worker);
            }
            else if (_segment is { } segment)
            {
                var start = part * _blockRows;
                execution._blockStarts[worker] = start;
                var operations = segment.RowOperations;
                var count = Math.Min(_blockRows, _rows - start);
                for (var i = 0; i < operations.Length; i++)
                {
                    var started = execution.Observer is null ? 0 : Stopwatch.GetTimestamp();
                    operations[i].Run(execution, start, count, worker);
                    execution.Observer?.Invoke(operations[i], count, Stopwatch.GetElapsedTime(started));
                }
            }
            else
            {
                var all = _operation!.PartCount;
                var first = (int)((long)all * part / _parts);
                var end = (int)((long)all * (part + 1) / _parts);
                _operation.ExecuteParts(execution, _rows, _stage, first, end - first);
            }
        }
    }
}
