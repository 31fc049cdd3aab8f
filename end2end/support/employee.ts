import { uniqueTag } from './new-tenant-input';
import { tenantry } from './processes';

export interface Employee {
  name: string;
  email: string;
  password: string;
  role: 'SUPER_ADMIN' | 'ADMIN' | 'VIEWER';
}

/** The data of an employee, with a unique e-mail. */
export const newEmployee = (role: Employee['role']): Employee => ({
  name: 'Vera Lind',
  email: `${uniqueTag()}@platform.example`,
  password: 'paper kites over the quiet bay',
  role,
});

/** Creates an employee with the command line. */
export async function createEmployee(dataDir: string, employee: Employee): Promise<Employee> {
  const { email, role, name, password } = employee;
  await tenantry(dataDir, ['admin', 'create', '--email', email, '--role', role, '--name', name], password);
  return employee;
}
