using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Memory;
using SqueezeBert.Threading;

namespace SqueezeBert.Inference;

/// <summary>
/// The weights of a model in the form that kernels read: packed matrices in their precision, vectors as numbers, and tables as the source
/// stores them. They are created once, in one block of memory and in the order of their use. All plans and threads share them.
/// </summary>
internal sealed unsafe class PackedWeights : IDisposable
{
    private readonly Dictionary<LinearNode, PackedLinear> _linears = [];
    private readonly Dictionary<ParameterExpression, Load> _arrays = [];
    private readonly Dictionary<ParameterExpression, TableLoad> _tables = [];
    private readonly NativeBuffer _memory = new();
    private long _byteCount;

    /// <summary>
    /// Reads and packs everything that <paramref name="nodes"/> use, on all threads of the pool. Linear layers have the given format, or
    /// float32 for null.
    /// </summary>
    /// <exception cref="OperationCanceledException">The call was cancelled between two parameters.</exception>
    public PackedWeights(
        IReadOnlyList<Node> nodes, IParameterSource source, WorkerPool pool, WeightFormat? format = null,
        CancellationToken cancellationToken = default)
    {
        format ??= WeightFormat.Float32;
        var loads = new List<Load>();
        var layers = new List<(LinearNode Node, LinearLoad Load)>();

        // Layers that share a weight share its packed matrices, but each has a bias of its own.
        var matrices = new Dictionary<(ParameterExpression Weight, int Groups), LinearLoad>();
        foreach (var node in nodes)
        {
            if (node is LinearNode linear)
            {
                if (linear.Bias is { } bias) AddArray(bias, loads);
                if (!matrices.TryGetValue((linear.Weight, linear.Groups), out var load))
                {
                    load = new LinearLoad(linear, format, Take(LinearLoad.SizeOf(linear, format)));
                    matrices.Add((linear.Weight, linear.Groups), load);
                    loads.Add(load);
                }

                layers.Add((linear, load));
                continue;
            }

            AddTables(node, source, loads);
            foreach (var expression in node.Expressions.Where(expression => !_tables.ContainsKey(expression))) AddArray(expression, loads);
        }

        try
        {
            _memory.Reserve(_byteCount);
            foreach (var load in matrices.Values) load.Place(_memory);
            foreach (var (node, load) in layers) _linears.Add(node, load.Layer(node.Bias is { } bias ? Buffer(bias) : null));

            // The longest first, so that no thread is left with a table of words when the others have nothing more to do.
            loads.Sort(static (a, b) => b.Length.CompareTo(a.Length));
            using var run = new LoadRun(loads, source, _memory, pool.ThreadCount, cancellationToken);
            pool.Run(run, loads.Count);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The native memory of the weights, in bytes.</summary>
    public long ByteCount => _memory.ByteCount;

    public PackedLinear Linear(LinearNode node) => _linears[node];

    /// <summary>Returns the elements of a vector, kernel or table, in row-major order.</summary>
    public float* Buffer(ParameterExpression expression) => (float*)(_memory.Pointer + _arrays[expression].Start);

    /// <summary>Returns a look-up table.</summary>
    public EmbeddingRows Table(ParameterExpression expression)
    {
        if (!_tables.TryGetValue(expression, out var table)) return new EmbeddingRows(Buffer(expression));
        return new EmbeddingRows(_memory.Pointer + table.Start, table.Form, (float*)(_memory.Pointer + table.Scales));
    }

    public void Dispose() => _memory.Dispose();

    /// <summary>Adds the tables of a node. A table that the source stores as integers is kept as integers.</summary>
    private void AddTables(Node node, IParameterSource source, List<Load> loads)
    {
        var tables = node switch
        {
            EmbedNode embed => embed.Tables.Select(table => table.Weight),
            NgramNode ngrams => [ngrams.Table],
            _ => [],
        };
        foreach (var parameter in tables.OfType<Parameter>())
        {
            if (_tables.ContainsKey(parameter) || source.FormOf(parameter) is not (not StoredForm.Float32 and var form)) continue;
            var bytes = checked(parameter.Rows * StoredForms.RowBytes(form, parameter.Columns));
            var load = new TableLoad(parameter, form, Take(NativeBuffer.Align(bytes)), Take(NativeBuffer.BytesOf(parameter.Rows)));
            _tables.Add(parameter, load);
            loads.Add(load);
        }
    }

    private void AddArray(ParameterExpression expression, List<Load> loads)
    {
        if (_arrays.ContainsKey(expression)) return;
        var length = checked(expression.Rows * expression.Columns);
        var load = new Load(expression, Take(NativeBuffer.BytesOf(length)), length);
        _arrays.Add(expression, load);
        loads.Add(load);
    }

    private long Take(long bytes)
    {
        var start = _byteCount;
        _byteCount = checked(start + bytes);
        return start;
    }

    /// <summary>Loads an array without changes.</summary>
    private class Load(ParameterExpression expression, long start, int length)
    {
        public ParameterExpression Expression { get; } = expression;

        /// <summary>The offset in the memory of the weights, in bytes.</summary>
        public long Start { get; } = start;

        /// <summary>The number of elements to read.</summary>
        public int Length { get; } = length;

        public virtual void Run(IParameterSource source, NativeBuffer memory, NativeBuffer copy) =>
            ParameterValues.Read(Expression, source, new Span<float>(memory.Pointer + Start, Length));
    }

    /// <summary>Loads a table of integers and the scales of its rows.</summary>
    private sealed class TableLoad(Parameter parameter, StoredForm form, long start, long scales)
        : Load(parameter, start, checked((int)(parameter.Rows * StoredForms.RowBytes(form, parameter.Columns))))
    {
        public StoredForm Form { get; } = form;

        /// <summary>The offset of the scales in the memory of the weights, in bytes.</summary>
        public long Scales { get; } = scales;

        public override void Run(IParameterSource source, NativeBuffer memory, NativeBuffer copy) => source.ReadRows(
            parameter, new Span<byte>(memory.Pointer + Start, Length), new Span<float>(memory.Pointer + Scales, parameter.Rows));
    }

    /// <summary>Loads and packs the weight of a linear layer.</summary>
    private sealed class LinearLoad(LinearNode node, WeightFormat format, long start)
        : Load(node.Weight, start, checked(node.Weight.Rows * node.Weight.Columns))
    {
        private readonly PackedProduct[] _groups = new PackedProduct[node.Groups];

        private readonly long _groupByteCount = GroupSize(node, format);

        private int Inputs => Expression.Columns;

        private int Outputs => Expression.Rows / _groups.Length;

        /// <summary>Returns the number of bytes of a packed weight.</summary>
        public static long SizeOf(LinearNode node, WeightFormat format) => checked(node.Groups * GroupSize(node, format));

        public void Place(NativeBuffer memory)
        {
            for (var i = 0; i < _groups.Length; i++)
                _groups[i] = format.Create(Inputs, Outputs, memory.Pointer + Start + (i * _groupByteCount));
        }

        public PackedLinear Layer(float* bias) => new(_groups, bias, Inputs * _groups.Length, Outputs * _groups.Length);

        public override void Run(IParameterSource source, NativeBuffer memory, NativeBuffer copy)
        {
            if (TryRunIntegers(source, copy)) return;
            copy.Reserve(NativeBuffer.BytesOf(Length));
            ParameterValues.Read(Expression, source, new Span<float>(copy.Floats, Length));
            for (var i = 0; i < _groups.Length; i++) _groups[i].Pack(copy.Floats + ((long)i * Outputs * Inputs), 1, Inputs);
        }

        /// <summary>Packs stored integers directly, without converting them to numbers and rounding them again.</summary>
        private bool TryRunIntegers(IParameterSource source, NativeBuffer copy)
        {
            if (Expression is not Parameter parameter || !_groups[0].TakesIntegers) return false;
            var form = source.FormOf(parameter);
            if (form == StoredForm.Float32) return false;
            var stored = checked((int)(parameter.Rows * StoredForms.RowBytes(form, Inputs)));
            long scaleStart = NativeBuffer.Align(Length), rowStart = scaleStart + NativeBuffer.BytesOf(parameter.Rows);
            copy.Reserve(rowStart + (form == StoredForm.Int8 ? 0 : stored));
            Span<byte> rows = new(copy.Pointer + (form == StoredForm.Int8 ? 0 : rowStart), stored);
            var scales = (float*)(copy.Pointer + scaleStart);
            source.ReadRows(parameter, rows, new Span<float>(scales, parameter.Rows));
            var integers = (sbyte*)copy.Pointer;
            if (form == StoredForm.Int4)
            {
                var rowBytes = stored / parameter.Rows;
                for (var i = 0; i < Length; i++)
                    integers[i] = (sbyte)StoredForms.Int4At(rows.Slice(i / Inputs * rowBytes, rowBytes), i % Inputs);
            }

            for (var i = 0; i < _groups.Length; i++)
                _groups[i].PackIntegers(integers + ((long)i * Outputs * Inputs), Inputs, scales + (i * Outputs));
            return true;
        }

        private static long GroupSize(LinearNode node, WeightFormat format) =>
            NativeBuffer.Align(format.SizeOf(node.Weight.Columns, node.Weight.Rows / node.Groups));
    }

    /// <summary>A parallel run of loads. Each thread has one buffer for the row-major copy of what it packs.</summary>
    private sealed class LoadRun(
        List<Load> loads, IParameterSource source, NativeBuffer memory, int threads, CancellationToken cancellationToken)
        : IParallelBody, IDisposable
    {
        private readonly NativeBuffer?[] _copies = new NativeBuffer?[threads];

        public void Execute(int part, int worker)
        {
            cancellationToken.ThrowIfCancellationRequested();
            loads[part].Run(source, memory, _copies[worker] ??= new NativeBuffer());
        }

        public void Dispose()
        {
            foreach (var copy in _copies) copy?.Dispose();
        }
    }
}
