using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Operations;

namespace SqueezeBert.Gradients.Plans;

/// <summary>Where values and gradients stand. Values stay until the backward pass is over; gradients share memory.</summary>
internal sealed class MemoryPlan
{
    private readonly List<Storage> _storages = [];
    private readonly List<Storage> _free = [];

    /// <summary>Values that a gradient's memory still waits for; those that must stay to the end are not in it.</summary>
    private readonly Dictionary<Storage, int> _readers = [];

    public IReadOnlyList<Storage> Storages => _storages;

    /// <summary>To be called in the order of the forward pass, when the uses of all values are known.</summary>
    public void PlaceData(Operation operation)
    {
        var output = operation.Output;
        output.DataStorage = operation.DataInPlace && operation.Inputs[0].Uses == 1 ? operation.Inputs[0].DataStorage : Take(output);
    }

    /// <summary>
    /// Backward order: the first that writes a gradient owns new memory for it, later ones add; losses come before all operations. Memory
    /// is reused segment by segment, because the parameters' gradients are taken at the end of a segment and still read what its operations
    /// have left.
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
