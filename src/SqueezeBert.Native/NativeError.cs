namespace SqueezeBert.Native;

/// <summary>What a function of the library ends with, as squeezebert.h names it.</summary>
internal enum NativeStatus
{
    /// <summary>It has done what it was asked for.</summary>
    Ok,

    /// <summary>An argument is wrong.</summary>
    InvalidArgument,

    /// <summary>The model's files are missing, damaged or of another kind.</summary>
    InvalidModel,

    /// <summary>Anything else.</summary>
    Failed,
}

/// <summary>The last error of each thread.</summary>
internal static unsafe class NativeError
{
    private static readonly byte[] None = NativeText.Pinned("");

    [ThreadStatic]
    private static byte[]? _message;

    /// <summary>Its message, zero-terminated; empty where there was none.</summary>
    public static byte* Last => NativeText.Address(_message ?? None);

    /// <summary>Keeps what went wrong for the thread that asks.</summary>
    public static NativeStatus Keep(Exception e)
    {
        _message = NativeText.Pinned(e.Message);
        return e switch
        {
            SqueezeBertException => NativeStatus.InvalidModel,
            ArgumentException or ObjectDisposedException => NativeStatus.InvalidArgument,
            _ => NativeStatus.Failed,
        };
    }
}
