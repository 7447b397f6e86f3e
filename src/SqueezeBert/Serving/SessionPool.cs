using SqueezeBert.Inference;

namespace SqueezeBert.Serving;

/// <summary>
/// The sessions of one pipeline: as many as were ever needed at once, which the model's turns bound, and no more memory than the model's
/// options allow. Thread-safe.
/// </summary>
internal sealed class SessionPool(InferenceModel model, IReadOnlyList<string> outputs)
{
    private readonly Stack<(ModelSession Session, long Bytes)> _idle = new();

    /// <summary>A session of the caller's own until it is returned; the caller has been counted in by the model.</summary>
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

    /// <summary>Frees what is idle.</summary>
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
