using System.Runtime.InteropServices;
using SqueezeBert.Memory;

namespace SqueezeBert.Kernels.Products.MachineCode;

/// <summary>
/// Routines of x64 machine code, made by tools/Generate, that are copied to executable memory when they are first asked for. They run with
/// Linux and Windows; where the system forbids such memory or <see cref="Variable"/> switches it off, there are none.
/// </summary>
internal static unsafe class MachineRoutines
{
    /// <summary>The environment variable that switches machine code off with the value 0.</summary>
    public const string Variable = "SQUEEZEBERT_MACHINE_CODE";

    /// <summary>The switch of runtimeconfig.json that does so with false.</summary>
    public const string Switch = "SqueezeBert.MachineCode";

    private const int CodeAlignment = 64;

    /// <summary>What calls a routine on Windows, whose calling convention is another.</summary>
    private static readonly delegate* unmanaged[SuppressGCTransition]<void*, nint, void> WindowsEntry =
        OperatingSystem.IsWindows() && IsAllowed
            ? (delegate* unmanaged[SuppressGCTransition]<void*, nint, void>)ExecutableMemory.TryCreate(WindowsEntryCode.Bytes)
            : null;

    /// <summary>Whether it is not switched off.</summary>
    public static bool IsAllowed =>
        Environment.GetEnvironmentVariable(Variable) != "0" && (!AppContext.TryGetSwitch(Switch, out var isOn) || isOn);

    /// <summary>Calls a routine of the System V calling convention.</summary>
    public static void Call(nint routine, void* arguments)
    {
        if (WindowsEntry is null)
            ((delegate* unmanaged[SuppressGCTransition]<void*, void>)routine)(arguments);
        else
            WindowsEntry(arguments, routine);
    }

    /// <summary>Code that is put together and made executable in one step.</summary>
    public sealed class Block
    {
        private readonly List<byte> _code = [];
        private readonly List<(int Index, int Start)> _places = [];

        /// <summary>Appends a routine that is to be found under an index.</summary>
        public void Add(int index, ReadOnlySpan<byte> routine)
        {
            _code.AddRange(new byte[-_code.Count & (CodeAlignment - 1)]);
            _places.Add((index, _code.Count));
            _code.AddRange(routine);
        }

        /// <summary>Writes the addresses under their indices. False: the system does not allow it, and nothing is written.</summary>
        public bool TryLoad(nint[] routines)
        {
            if (OperatingSystem.IsWindows() && WindowsEntry is null)
                return false;
            var memory = (nint)ExecutableMemory.TryCreate(CollectionsMarshal.AsSpan(_code));
            if (memory == 0)
                return false;
            foreach (var (index, start) in _places)
                routines[index] = memory + start;
            return true;
        }
    }
}
