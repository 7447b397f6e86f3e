using SqueezeBert.Inference;

namespace SqueezeBert.Serving;

/// <summary>
/// The sessions of one pipeline. There are as many as were ever needed at once, which the model's turns limit, and they keep no more memory
/// than the model's options allow. Thread-safe.
/// </summary>
internal sealed class SessionPool(InferenceModel model, IReadOnlyList<string> outputs)
{
    private readonly Stack<(ModelSession Session, long Bytes)> _idle = new();

    /// <summary>
    /// Returns a session, which belongs to the caller until it is returned. The caller has already entered the model's lifetime.
    /// </summary>
    public ModelSession Rent()
    {
        lock (_idle)
        {
            if (_idle.TryPop(out var idle))
            {
                model.AddRetained(-idle.Bytes);
                return idle.Session;
            }
        }

        return model.Engine.CreateEntered(outputs);
    }

    public void Return(ModelSession session)
    {
        var bytes = session.ActivationBytes;
        if (!model.TryRetain(bytes))
        {
            session.Trim();
            bytes = 0;
        }

        lock (_idle) _idle.Push((session, bytes));
    }

    /// <summary>Frees the memory of idle sessions.</summary>
    public void Trim()
    {
        lock (_idle)
        {
            while (_idle.TryPop(out var idle))
            {
                model.AddRetained(-idle.Bytes);
                idle.Session.Dispose();
            }
        }
    }
}
