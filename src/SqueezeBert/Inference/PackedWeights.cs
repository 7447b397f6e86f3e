using SqueezeBert.Kernels;
using SqueezeBert.Models;
using SqueezeBert.Threading;

namespace SqueezeBert.Inference;

/// <summary>A linear layer's weight, one packed matrix [in / groups, out / groups] a group, and its bias [out] or null.</summary>
internal sealed unsafe class PackedLinear(PackedMatrix[] groups, NativeBuffer? bias, int inputs, int outputs)
{
    public PackedMatrix[] Groups { get; } = groups;

    public float* Bias => bias is null ? null : bias.Pointer;

    public int InputsPerGroup { get; } = inputs / groups.Length;

    public int OutputsPerGroup { get; } = outputs / groups.Length;

    public int Inputs { get; } = inputs;

    public int Outputs { get; } = outputs;

    /// <summary>Whether a product may take the place of its residual at full speed.</summary>
    public bool CanOverwriteResidual => InputsPerGroup <= PackedProduct.MaximumTerms;

    /// <summary>Panels of all groups; every group has as many.</summary>
    public int PanelCount => Groups.Length * Groups[0].PanelCount;
}

/// <summary>
/// The weights of a model in the form that kernels read: matrices in panels, vectors and tables as they are. Made once,
/// then shared by every plan and thread.
/// </summary>
internal sealed unsafe class PackedWeights : IDisposable
{
    private readonly Dictionary<ParameterExpression, PackedLinear> _linears = [];
    private readonly Dictionary<ParameterExpression, NativeBuffer> _buffers = [];

    /// <summary>Reads and packs everything that <paramref name="nodes"/> use, on all threads of the pool.</summary>
    public PackedWeights(IReadOnlyList<Node> nodes, IParameterSource source, WorkerPool pool)
    {
        var loads = new List<Action>();
        foreach (var node in nodes)
        {
            if (node is LinearNode linear)
            {
                AddLinear(linear, source, loads);
                continue;
            }

            foreach (var expression in node.Expressions) AddBuffer(expression, source, loads);
        }

        pool.Run(new Loads(loads), loads.Count);
    }

    /// <summary>Bytes of native memory that the weights take.</summary>
    public long ByteCount => _linears.Values.Sum(linear => linear.Groups.Sum(group => (long)group.ByteCount))
        + _buffers.Values.Sum(buffer => buffer.Length * sizeof(float));

    public PackedLinear Linear(LinearNode node) => _linears[node.Weight];

    /// <summary>Elements of a vector, kernel or table, row-major.</summary>
    public float* Buffer(ParameterExpression expression) => _buffers[expression].Pointer;

    public void Dispose()
    {
        foreach (var linear in _linears.Values)
        {
            foreach (var group in linear.Groups) group.Dispose();
        }

        foreach (var buffer in _buffers.Values) buffer.Dispose();
    }

    private void AddLinear(LinearNode node, IParameterSource source, List<Action> loads)
    {
        if (_linears.ContainsKey(node.Weight)) return;
        var inputs = node.Weight.Columns;
        var outputs = node.Weight.Rows / node.Groups;
        var groups = new PackedMatrix[node.Groups];
        for (var i = 0; i < groups.Length; i++) groups[i] = new PackedMatrix(inputs, outputs);
        var bias = node.Bias is null ? null : AddBuffer(node.Bias, source, loads);
        _linears.Add(node.Weight, new PackedLinear(groups, bias, inputs * node.Groups, outputs * node.Groups));
        loads.Add(() =>
        {
            // The row-major copy lives only until it is packed.
            using var rows = new NativeBuffer((long)node.Weight.Rows * inputs);
            ParameterValues.Read(node.Weight, source, new Span<float>(rows.Pointer, checked(node.Weight.Rows * inputs)));
            for (var i = 0; i < groups.Length; i++) groups[i].Pack(rows.Pointer + ((long)i * outputs * inputs), 1, inputs);
        });
    }

    private NativeBuffer AddBuffer(ParameterExpression expression, IParameterSource source, List<Action> loads)
    {
        if (_buffers.TryGetValue(expression, out var known)) return known;
        var length = checked(expression.Rows * expression.Columns);
        var buffer = new NativeBuffer(length);
        _buffers.Add(expression, buffer);
        loads.Add(() => ParameterValues.Read(expression, source, new Span<float>(buffer.Pointer, length)));
        return buffer;
    }

    private sealed class Loads(List<Action> actions) : IParallelBody
    {
        public void Execute(int part, int worker) => actions[part]();
    }
}
