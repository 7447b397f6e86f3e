using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Threading;

namespace SqueezeBert.Inference;

/// <summary>A linear layer's weight, one packed matrix [in / groups, out / groups] a group, and its bias [out] or null.</summary>
internal sealed unsafe class PackedLinear(PackedMatrix[] groups, float* bias, int inputs, int outputs)
{
    public PackedMatrix[] Groups { get; } = groups;

    public float* Bias { get; } = bias;

    public int InputsPerGroup { get; } = inputs / groups.Length;

    public int OutputsPerGroup { get; } = outputs / groups.Length;

    public int Inputs { get; } = inputs;

    public int Outputs { get; } = outputs;

    /// <summary>Whether a product may take the place of its residual at full speed.</summary>
    public bool CanOverwriteResidual => InputsPerGroup <= PackedProduct.MaxTerms;

    /// <summary>Panels of all groups; every group has as many.</summary>
    public int PanelCount => Groups.Length * Groups[0].PanelCount;
}

/// <summary>
/// The weights of a model in the form that kernels read: matrices in panels, vectors and tables as they are. Made once, in one block of
/// memory and in the order of their use, then shared by every plan and thread.
/// </summary>
internal sealed unsafe class PackedWeights : IDisposable
{
    /// <summary>Where each array starts: at a cache line.</summary>
    private const int Alignment = 16;

    private readonly Dictionary<ParameterExpression, PackedLinear> _linears = [];
    private readonly Dictionary<ParameterExpression, Load> _arrays = [];
    private readonly NativeBuffer _memory = new();
    private long _length;

    /// <summary>Reads and packs everything that <paramref name="nodes"/> use, on all threads of the pool.</summary>
    public PackedWeights(IReadOnlyList<Node> nodes, IParameterSource source, WorkerPool pool)
    {
        var loads = new List<Load>();
        var linears = new List<LinearLoad>();
        var known = new HashSet<ParameterExpression>();
        foreach (var node in nodes)
        {
            if (node is LinearNode linear)
            {
                if (!known.Add(linear.Weight)) continue;
                if (linear.Bias is { } bias) AddArray(bias, loads);
                linears.Add(new LinearLoad(linear, Take(LinearLoad.LengthOf(linear))));
                continue;
            }

            foreach (var expression in node.Expressions) AddArray(expression, loads);
        }

        try
        {
            _memory.Reserve(_length);
            foreach (var load in linears)
                _linears.Add(load.Expression, load.Place(_memory, load.Node.Bias is { } bias ? Buffer(bias) : null));
            loads.AddRange(linears);

            // The longest first, so that no thread is left with a table of words when the others have nothing more to do.
            loads.Sort(static (a, b) => b.Length.CompareTo(a.Length));
            using var run = new LoadRun(loads, source, _memory, pool.ThreadCount);
            pool.Run(run, loads.Count);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes of native memory that the weights take.</summary>
    public long ByteCount => _memory.Length * sizeof(float);

    public PackedLinear Linear(LinearNode node) => _linears[node.Weight];

    /// <summary>Elements of a vector, kernel or table, row-major.</summary>
    public float* Buffer(ParameterExpression expression) => _memory.Pointer + _arrays[expression].Start;

    public void Dispose() => _memory.Dispose();

    private void AddArray(ParameterExpression expression, List<Load> loads)
    {
        if (_arrays.ContainsKey(expression)) return;
        var length = checked(expression.Rows * expression.Columns);
        var load = new Load(expression, Take(length), length);
        _arrays.Add(expression, load);
        loads.Add(load);
    }

    private long Take(long length)
    {
        var start = _length;
        _length = checked(start + ((length + Alignment - 1) / Alignment * Alignment));
        return start;
    }

    /// <summary>An array as it is.</summary>
    private class Load(ParameterExpression expression, long start, int length)
    {
        public ParameterExpression Expression { get; } = expression;

        /// <summary>Where it stands in the weights' memory, in elements.</summary>
        public long Start { get; } = start;

        /// <summary>Elements to read.</summary>
        public int Length { get; } = length;

        public virtual void Run(IParameterSource source, NativeBuffer memory, NativeBuffer copy) =>
            ParameterValues.Read(Expression, source, new Span<float>(memory.Pointer + Start, Length));
    }

    /// <summary>A linear layer's weight, to be packed.</summary>
    private sealed class LinearLoad(LinearNode node, long start) : Load(node.Weight, start, checked(node.Weight.Rows * node.Weight.Columns))
    {
        private readonly PackedMatrix[] _groups = new PackedMatrix[node.Groups];

        public LinearNode Node { get; } = node;

        private int Inputs => Expression.Columns;

        private int Outputs => Expression.Rows / Node.Groups;

        /// <summary>Elements that it takes when it is packed.</summary>
        public static long LengthOf(LinearNode node) =>
            checked(node.Groups * (long)PackedMatrix.SizeOf(node.Weight.Columns, node.Weight.Rows / node.Groups) / sizeof(float));

        public PackedLinear Place(NativeBuffer memory, float* bias)
        {
            var data = memory.Pointer + Start;
            for (var i = 0; i < _groups.Length; i++)
            {
                _groups[i] = new PackedMatrix(Inputs, Outputs, data);
                data += _groups[i].ByteCount / sizeof(float);
            }

            return new PackedLinear(_groups, bias, Inputs * Node.Groups, Outputs * Node.Groups);
        }

        public override void Run(IParameterSource source, NativeBuffer memory, NativeBuffer copy)
        {
            copy.Reserve(Length);
            ParameterValues.Read(Expression, source, new Span<float>(copy.Pointer, Length));
            for (var i = 0; i < _groups.Length; i++) _groups[i].Pack(copy.Pointer + ((long)i * Outputs * Inputs), 1, Inputs);
        }
    }

    /// <summary>Each thread has one place for the row-major copy of what it packs.</summary>
    private sealed class LoadRun(List<Load> loads, IParameterSource source, NativeBuffer memory, int threads) : IParallelBody, IDisposable
    {
        private readonly NativeBuffer?[] _copies = new NativeBuffer?[threads];

        public void Execute(int part, int worker) => loads[part].Run(source, memory, _copies[worker] ??= new NativeBuffer());

        public void Dispose()
        {
            foreach (var copy in _copies) copy?.Dispose();
        }
    }
}
