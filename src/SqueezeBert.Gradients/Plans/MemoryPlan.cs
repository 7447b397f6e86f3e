using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Operations;

namespace SqueezeBert.Gradients.Plans;

/// <summary>
/// Assigns memory to values and gradients. Values are kept until the backward pass is complete, and gradients share memory.
/// </summary>
internal sealed class MemoryPlan
{
    private readonly List<Storage> _storages = [];
    private readonly List<Storage> _free = [];

    /// <summary>
    /// The number of values that still need the memory of a gradient. Memory that is needed until the end is not included.
    /// </summary>
    private readonly Dictionary<Storage, int> _readers = [];

    public IReadOnlyList<Storage> Storages => _storages;

    /// <summary>
    /// Assigns memory to a value. It must be called in the order of the forward pass, when the uses of all values are known.
    /// </summary>
    public void PlaceData(Operation operation)
    {
        var output = operation.Output;
        output.DataStorage = operation.DataInPlace && operation.Inputs[0].Uses == 1 ? operation.Inputs[0].DataStorage : Take(output);
    }

    /// <summary>
    /// Assigns memory to gradients in backward order. The first operation that writes a gradient gets new memory for it, and later ones add
    /// to it. Losses come before all operations. Memory is reused segment by segment, because the gradients of parameters are computed at
    /// the end of a segment and still read what its operations have left.
    /// </summary>
    public void PlaceGradients(IReadOnlyList<Segment> segments, IEnumerable<(Value Value, bool IsOverwritten)> outputs)
    {
        // A loss may turn an output into its gradient in place, where no operation behind reads it: none before does.
        foreach (var (output, isOverwritten) in outputs)
        {
            if (output.NeedsGradient) output.GradientStorage ??= isOverwritten && output.Uses == 1 ? output.DataStorage : Take(output);
        }

        for (var i = segments.Count - 1; i >= 0; i--)
        {
            var operations = segments[i].BackwardOperations;
            foreach (var operation in operations) PlaceInputs(operation);
            foreach (var operation in operations) Release(operation.Output.GradientStorage!);
        }
    }

    private void PlaceInputs(Operation operation)
    {
        for (var i = operation.Inputs.Count - 1; i >= 0; i--)
        {
            var input = operation.Inputs[i];
            operation.Accumulate[i] = input.GradientStorage is not null;
            if (input.GradientStorage is not null || !input.NeedsGradient) continue;
            if (input.IsGradientKept)
            {
                input.GradientStorage = Take(input);
            }
            else if (i == 0 && operation.GradientInPlace && input.Uses == 1 && !operation.Output.IsGradientKept)
            {
                input.GradientStorage = operation.Output.GradientStorage!;
                if (_readers.TryGetValue(input.GradientStorage, out var readers)) _readers[input.GradientStorage] = readers + 1;
            }
            else
            {
                input.GradientStorage = Reuse(input);
                _readers[input.GradientStorage] = 1;
            }
        }
    }

    private void Release(Storage storage)
    {
        if (!_readers.TryGetValue(storage, out var readers)) return;
        _readers[storage] = readers - 1;
        if (readers == 1) _free.Add(storage);
    }

    private Storage Reuse(Value value)
    {
        var found = _free.FindIndex(storage => storage.Rows == value.Rows && storage.Width == value.Width);
        if (found < 0) return Take(value);
        var storage = _free[found];
        _free.RemoveAt(found);
        return storage;
    }

    private Storage Take(Value value)
    {
        var storage = new Storage(value.Rows, value.Width);
        _storages.Add(storage);
        return storage;
    }
}
