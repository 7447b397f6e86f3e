using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Memory;
using SqueezeBert.Threading;

namespace SqueezeBert.Training.Optimization;

/// <summary>
/// A running mean of the trainable parameters: a = β a + (1 - β) w after each step. At first, β is (1 + t) / (10 + t) after t steps as long
/// as that is less, so that the start is quickly forgotten. The mean and the values can be exchanged for an evaluation. The bits do not
/// depend on the threads, and nothing is allocated after the start.
/// </summary>
internal sealed unsafe class WeightAverage : IDisposable
{
    private const long ChunkSize = 1 << 14;

    private readonly ParameterStore _parameters;
    private readonly double _decay;
    private readonly WorkerPool _pool;
    private readonly NativeBuffer _mean;
    private readonly AddBody _add;
    private readonly SwapBody _swap;

    /// <param name="parameters">The parameters, whose current values are the initial mean. They belong to the caller.</param>
    /// <param name="decay">β, above 0 and below 1.</param>
    /// <param name="pool">The thread pool, which belongs to the caller.</param>
    public WeightAverage(ParameterStore parameters, double decay, WorkerPool pool)
    {
        _parameters = parameters;
        _decay = decay;
        _pool = pool;
        _mean = parameters.Allocate();
        Buffer.MemoryCopy(parameters.AllValues, _mean.Floats, _mean.ByteCount, parameters.Length * sizeof(float));
        _add = new AddBody(this);
        _swap = new SwapBody(this);
    }

    /// <summary>Whether the mean currently replaces the parameters.</summary>
    public bool IsSwapped { get; private set; }

    private int Chunks => checked((int)((_parameters.Length + ChunkSize - 1) / ChunkSize));

    /// <summary>Returns the mean of a trainable parameter, or the values of the parameter while <see cref="IsSwapped"/> is true.</summary>
    public Span<float> Mean(Parameter parameter) => new(_mean.Floats + _parameters.Offset(parameter), checked((int)parameter.Length));

    /// <summary>Adds the values after a step.</summary>
    /// <param name="step">The number of completed steps, including this one.</param>
    public void Add(long step)
    {
        _add.Decay = Math.Min(_decay, (1.0 + step) / (10 + step));
        _pool.Run(_add, Chunks);
    }

    /// <summary>Exchanges the mean and the parameters. The weights must then be packed again.</summary>
    public void Swap()
    {
        _pool.Run(_swap, Chunks);
        IsSwapped = !IsSwapped;
    }

    public void Dispose() => _mean.Dispose();

    private int CountOf(int part) => (int)Math.Min(ChunkSize, _parameters.Length - (part * ChunkSize));

    private sealed class AddBody(WeightAverage owner) : IParallelBody
    {
        public double Decay { get; set; }

        public void Execute(int part, int worker)
        {
            float* mean = owner._mean.Floats + (part * ChunkSize), values = owner._parameters.AllValues + (part * ChunkSize);
            Elementwise.Scale((float)Decay, mean, mean, owner.CountOf(part));
            Elementwise.AddScaled((float)(1 - Decay), values, mean, owner.CountOf(part));
        }
    }

    private sealed class SwapBody(WeightAverage owner) : IParallelBody
    {
        public void Execute(int part, int worker)
        {
            float* mean = owner._mean.Floats + (part * ChunkSize), values = owner._parameters.AllValues + (part * ChunkSize);
            for (var i = 0; i < owner.CountOf(part); i++) (mean[i], values[i]) = (values[i], mean[i]);
        }
    }
}
