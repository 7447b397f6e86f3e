using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Memory;
using SqueezeBert.Threading;

namespace SqueezeBert.Training.Optimization;

/// <summary>
/// A running mean of the trainable parameters, a = β a + (1 - β) w after each step. At first β is (1 + t) / (10 + t) after t steps,
/// where that is less, so that the start is soon forgotten. The mean and the values can change places for an evaluation. Threads do not
/// show in the bits; nothing is allocated after the start.
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

    /// <param name="parameters">Whose values, as they are now, the mean starts with; belongs to the caller.</param>
    /// <param name="decay">β, above 0 to below 1.</param>
    /// <param name="pool">Threads; belongs to the caller.</param>
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

    /// <summary>Whether the mean stands in the parameters' place now.</summary>
    public bool IsSwapped { get; private set; }

    private int Chunks => checked((int)((_parameters.Length + ChunkSize - 1) / ChunkSize));

    /// <summary>The mean of a trainable parameter; while <see cref="IsSwapped"/>, the parameter's own values.</summary>
    public Span<float> Mean(Parameter parameter) => new(_mean.Floats + _parameters.Offset(parameter), checked((int)parameter.Length));

    /// <summary>Adds the values after a step.</summary>
    /// <param name="step">Steps that are done, this one included.</param>
    public void Add(long step)
    {
        _add.Decay = Math.Min(_decay, (1.0 + step) / (10 + step));
        _pool.Run(_add, Chunks);
    }

    /// <summary>Lets the mean and the parameters change places. Who computes with them packs the weights again.</summary>
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
